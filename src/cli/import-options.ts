// Options and output that `import` and `convert` share.
import { splitPair } from '../commands/import-pairs.ts'
import type { ImportReport } from '../commands/import-report.ts'
import { UsageError } from './output.ts'

/** For `--custom name=builtin`, given any number of times. */
export function collectCustom(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { key, value } = toPair('--custom', text)
  return { ...before, [key]: value }
}

/** @throws UsageError */
export function toPair(option: string, text: string): { key: string; value: string } {
  const pair = splitPair(text)
  if (pair === null) throw new UsageError(`${option} wants key=value, not "${text}".`)
  return pair
}

/** What a person wants to know of a model that was read. */
export function describeImported(report: ImportReport): readonly string[] {
  const port = ({ name, type, shape }: ImportReport['inputs'][number]): string =>
    `${name} ${type} [${shape.map((dim) => dim ?? 'any').join(', ')}]`
  const { layers, operators } = report
  return [
    `${report.sources.join(', ')}: ${report.format}, ${layers.length} layers, ${report.parameters.toLocaleString('en')} parameters`,
    ...report.inputs.map((input) => `  input  ${port(input)}`),
    ...report.outputs.map((output) => `  output ${port(output)}`),
    `  operators: ${Object.entries(operators)
      .map(([name, count]) => (count === 1 ? name : `${name} × ${count}`))
      .join(', ')}`,
    `  one row takes ${report.milliseconds.toFixed(1)} ms`,
    ...report.warnings.map((warning) => `  note: ${warning}`),
  ]
}
