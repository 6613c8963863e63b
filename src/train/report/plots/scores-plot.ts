// How the scores of normal and anomalous rows lie to each other and to the threshold.
import type { Evaluation } from '../evaluation.ts'
import { thresholdLine } from './decision-plot.ts'
import type { Plot } from './plot.ts'
import { toScoreScale } from './score-scale.ts'
import { COLOURS, legend, short, title, valueAxis } from './theme.ts'

const BINS = 48

/** @returns null where it is no anomaly detection */
export function scoresPlot({ groups }: Evaluation): Plot | null {
  if (groups === null) return null
  const { name, threshold, normal, anomalous, training } = groups
  const kinds = [
    { name: 'training', values: training, color: COLOURS.line },
    { name: 'normal', values: normal, color: COLOURS.blue },
    { name: 'anomalous', values: anomalous, color: COLOURS.orange },
  ].filter(({ values }) => values.length > 0)
  const scale = toScoreScale([...kinds.flatMap(({ values }) => values), threshold])
  return {
    ...{ width: 540, height: 520 },
    about: `Distribution of the ${name} by kind of row; the threshold is ${short(threshold)}.`,
    option: {
      title: title('Scores', `share of rows by ${name}\ndashed: the threshold ${short(threshold)}`),
      legend: legend({ left: 76, top: 98, data: kinds.map((kind) => kind.name) }),
      grid: { left: 76, right: 40, top: 142, bottom: 64 },
      xAxis: scale.axis(capital(name), 34),
      yAxis: valueAxis('Share of rows', 48),
      series: kinds.map((kind, i) => ({
        name: kind.name,
        type: 'line',
        step: 'end',
        silent: true,
        showSymbol: false,
        lineStyle: { width: 2, color: kind.color },
        itemStyle: { color: kind.color },
        areaStyle: { color: kind.color, opacity: 0.12 },
        data: histogram(kind.values).map((share, bin) => [scale.at(bin / BINS), share]),
        ...(i === 0 && { markLine: thresholdLine(threshold) }),
      })),
    },
  }

  /** Share of values by bin, with an empty one at the end so that the last step closes. */
  function histogram(values: readonly number[]): number[] {
    const counts = new Array<number>(BINS + 1).fill(0)
    for (const value of values) {
      const bin = Math.max(Math.floor(scale.of(value) * BINS), 0)
      counts[Math.min(bin, BINS - 1)]! += 1 / values.length
    }
    return counts
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
