// The model card of a version that was trained here.
import type { ClassificationMetrics } from '../../train/classification-metrics.ts'
import type { GateResult } from '../../train/product/gate.ts'
import type { ProductRow } from '../../train/product/row.ts'

export interface CardParts {
  readonly version: string
  readonly rows: readonly ProductRow[]
  readonly metrics: Partial<ClassificationMetrics>
  readonly gate: GateResult
}

/** Markdown. */
export function writeCard({ version, rows, metrics, gate }: CardParts): string {
  const categories = [...Map.groupBy(rows, ({ category }) => category)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const held = rows.filter(({ split }) => split === 'test').length
  const lines = categories.map(([category, members]) => {
    const test = members.filter(({ split }) => split === 'test').length
    return `| ${category.replaceAll('|', '\\|')} | ${members.length - test} | ${test} |`
  })
  const figures = Object.entries(metrics).map(
    ([name, value]) => `| ${name} | ${value.toFixed(4)} |`,
  )
  return [
    `# Product categories ${version}`,
    '',
    `Trained on ${rows.length - held} names, judged on ${held} others. Words and pieces of words weighted by TF-IDF, a`,
    'linear support vector machine, probabilities by temperature scaling on held-out margins.',
    '',
    '| metric, on the held-out names | value |',
    '| --- | --- |',
    ...figures,
    '',
    gate.reason,
    '',
    '| category | trained on | held out |',
    '| --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}
