// The model card, Markdown, from what the report is made of.
import { evaluate } from './evaluate.ts'
import type { Evaluation } from './evaluation.ts'
import type { DataSummary, EvaluationInput, ReportContext } from './evaluation-input.ts'
import { figure } from './metric-names.ts'

const MOST_CLASSES = 200

export interface CardOptions {
  /** First heading; default: service and version. */
  readonly title?: string
  /** Sections of the service's own (intended use, limits, licence of weights), Markdown, before the figures. */
  readonly about?: string
  /** `evaluate(input)`, where it is at hand. */
  readonly evaluation?: Evaluation
}

/** @param context its gate, if any, is quoted */
export function writeCard(
  input: EvaluationInput,
  context: Pick<ReportContext, 'service' | 'version' | 'gate'>,
  { title, about, evaluation = evaluate(input) }: CardOptions = {},
): string {
  const { rows } = evaluation
  return [
    `# ${toMarkdown(title ?? `${context.service} ${context.version}`)}`,
    '',
    ...(input.method === undefined ? [] : [toMarkdown(input.method), '']),
    ...(about === undefined ? [] : [about.trim(), '']),
    '## Quality',
    '',
    `On ${rows} held-out rows that were used for no choice.`,
    '',
    ...metricLines(evaluation),
    '',
    ...(context.gate === undefined ? [] : [toMarkdown(context.gate.reason), '']),
    ...classLines(evaluation),
    '',
    ...dataLines(input.data),
    ...parameterLines(input),
  ].join('\n')
}

function metricLines({ metrics, intervals }: Evaluation): string[] {
  return [
    '| metric | value | 95 % interval |',
    '| --- | --- | --- |',
    ...Object.entries(metrics).map(([name, value]) => {
      const range = intervals[name]
      const between = range === undefined ? '' : `${figure(range[0])} to ${figure(range[1])}`
      return `| ${name} | ${figure(value)} | ${between} |`
    }),
  ]
}

function classLines({ classes, scores }: Evaluation): string[] {
  const rest = classes.length - MOST_CLASSES
  return [
    '| class | precision | recall | F1 | rows |',
    '| --- | --- | --- | --- | --- |',
    ...scores.slice(0, MOST_CLASSES).map(({ precision, recall, f1, support }, c) => {
      const figures = [precision, recall, f1].map((value) => value.toFixed(3)).join(' | ')
      return `| ${toMarkdown(classes[c]!)} | ${figures} | ${support} |`
    }),
    ...(rest > 0 ? ['', `… and ${rest} more classes.`] : []),
  ]
}

function dataLines(data: DataSummary | undefined): string[] {
  if (data === undefined) return []
  const totals: Record<string, number> = {}
  for (const counts of Object.values(data.classes)) {
    for (const [split, count] of Object.entries(counts)) {
      totals[split] = (totals[split] ?? 0) + count
    }
  }
  const skipped = data.skipped?.length ?? 0
  return [
    '## Data',
    '',
    ...Object.entries(totals).map(([split, count]) => `- ${toMarkdown(split)}: ${count} rows`),
    ...(skipped > 0 ? [`- skipped: ${skipped}`] : []),
    ...(data.notices ?? []).map((notice) => `- ${toMarkdown(notice)}`),
    '',
  ]
}

function parameterLines({ parameters }: EvaluationInput): string[] {
  const entries = Object.entries(parameters ?? {})
  if (entries.length === 0) return []
  return [
    '## Parameters',
    '',
    ...entries.map(
      ([name, value]) => `- ${toMarkdown(name)}: ${toMarkdown(JSON.stringify(value))}`,
    ),
    '',
  ]
}

/** Text that Markdown shows as it is, within a line or a cell of a table. */
function toMarkdown(text: string): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|]/g, '\\$&')
}
