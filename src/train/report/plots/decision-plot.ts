// Curves for a training without epochs: what trusting only sure answers would bring, or what a threshold would.
import { percentile } from '../../metrics/percentile.ts'
import type { Evaluation, ScoreGroups } from '../evaluation.ts'
import type { Plot } from './plot.ts'
import { toScoreScale } from './score-scale.ts'
import { COLOURS, legend, shareAxis, short, title, valueAxis } from './theme.ts'
import { type Point, thin } from './thin.ts'

const FRAME = { width: 540, height: 520 }
const GRID = { left: 76, right: 40, top: 142, bottom: 64 }

export function decisionPlot({ coverage, groups, rows }: Evaluation): Plot {
  return groups === null ? coveragePlot(coverage ?? [], rows) : thresholdPlot(groups)
}

function coveragePlot(coverage: NonNullable<Evaluation['coverage']>, rows: number): Plot {
  const points = (of: 'accuracy' | 'threshold') =>
    // The first few rows jump between all and nothing.
    thin(
      coverage
        .filter((point) => point.coverage * rows >= 5 || point.coverage === 1)
        .map((point): Point => [point.coverage, point[of]]),
    )
  const heading = 'Accuracy of the surest answers'
  const lines = [
    { name: 'their accuracy', data: points('accuracy'), color: COLOURS.blue },
    { name: 'their least confidence', data: points('threshold'), color: COLOURS.line },
  ]
  return {
    ...FRAME,
    about: `${heading} against the share of the ${rows} held-out rows that is answered.`,
    option: {
      title: title(
        heading,
        `${rows} held-out rows · trained without epochs\nfrom the surest answers alone (left) to all (right)`,
      ),
      legend: legend({ left: 76, top: 98, data: lines.map(({ name }) => name) }),
      grid: GRID,
      xAxis: shareAxis('Share of rows that is answered', 34),
      yAxis: valueAxis('Share', 48, { max: 1, min: floorOf }),
      series: lines.map(line),
    },
  }
}

/** Leaves no more room below the lines than a round fifth. */
function floorOf({ min }: { readonly min: number }): number {
  return Math.max(0, Math.floor(min * 5) / 5)
}

function thresholdPlot({ name, threshold, normal, anomalous }: ScoreGroups): Plot {
  const all = [...normal, ...anomalous, threshold]
  // The lowest few scores are of no interest to a threshold.
  const from = percentile(all, 0.5)
  const scale = toScoreScale(all.filter((value) => value >= from))
  const steps = Array.from({ length: 201 }, (_, i) => scale.at(i / 200))
  const rates = [
    { name: 'false alarms', values: normal, color: COLOURS.blue },
    { name: 'anomalies found', values: anomalous, color: COLOURS.orange },
  ].filter(({ values }) => values.length > 0)
  const lines = rates.map(({ name: of, values, color }) => ({
    name: of,
    color,
    data: steps.map((x): Point => [x, values.filter((value) => value > x).length / values.length]),
  }))
  return {
    ...FRAME,
    about: `False alarms and anomalies found by threshold of the ${name}; the threshold is ${short(threshold)}.`,
    option: {
      title: title(
        'What a threshold finds',
        `dashed: the threshold that serves, ${short(threshold)}`,
      ),
      legend: legend({ left: 76, top: 98, data: lines.map(({ name: of }) => of) }),
      grid: GRID,
      xAxis: scale.axis(`Threshold of the ${name}`, 34),
      yAxis: shareAxis('Share of rows above', 42),
      series: lines.map((entry, i) => ({
        ...line(entry),
        ...(i === 0 && { markLine: thresholdLine(threshold) }),
      })),
    },
  }
}

export function thresholdLine(threshold: number): object {
  return {
    silent: true,
    symbol: 'none',
    label: { formatter: 'threshold', color: COLOURS.muted, fontSize: 12 },
    lineStyle: { color: COLOURS.ink, type: [5, 4], width: 1.4 },
    data: [{ xAxis: threshold }],
  }
}

function line({ name, data, color }: { name: string; data: readonly Point[]; color: string }) {
  return {
    name,
    type: 'line',
    silent: true,
    showSymbol: data.length === 1,
    symbolSize: 8,
    lineStyle: { width: 2, color },
    itemStyle: { color },
    data,
  }
}
