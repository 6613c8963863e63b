// The model card of a vibration version that was trained here.
import type { GateResult } from '../../train/vibration/gate.ts'
import type { JudgedAutoencoder } from '../../train/vibration/to-candidate.ts'

export interface CardParts {
  readonly version: string
  readonly judged: JudgedAutoencoder
  readonly metrics: Readonly<Record<string, number>>
  readonly gate: GateResult
}

/** Markdown. */
export function writeCard({ version, judged, metrics, gate }: CardParts): string {
  const { data, recipe, fitted } = judged
  const { train, validation, test } = data
  return [
    `# Vibration anomalies ${version}`,
    '',
    `Trained on ${train.length} normal windows of ${recipe.window} points, stopped and given its threshold by ${validation.length} others;`,
    `judged on ${test.normal.length} normal and ${test.anomalous.length} anomalous windows of stretches of time that it had not seen.`,
    `Inside the graph: ${fitted.method}; ${fitted.training.history.length} epochs.`,
    '',
    '| metric, on the held-out windows | value |',
    '| --- | --- |',
    ...Object.entries(metrics).map(([name, value]) => `| ${name} | ${value.toFixed(4)} |`),
    '',
    gate.reason,
    '',
    ...data.notices.map((notice) => `- ${notice}`),
    '',
  ].join('\n')
}
