// The reliability diagram: how often answers of a given confidence are right, and how many there are of each.
import type { Evaluation } from '../evaluation.ts'
import type { Plot } from './plot.ts'
import { COLOURS, legend, shareAxis, short, title, valueAxis } from './theme.ts'

const WIDTH = 420

/** @returns null where there are no probabilities */
export function calibrationPlot({ reliability, metrics, rows }: Evaluation): Plot | null {
  if (reliability === null) return null
  const error = short(metrics.expected_calibration_error ?? 0)
  const filled = reliability.filter(({ count }) => count > 0)
  const most = Math.max(...filled.map(({ count }) => count))
  const lastCount = reliability.at(-1)?.count ?? 0
  const line = { type: 'line', silent: true }
  return {
    ...{ width: WIDTH + 120, height: 688 },
    about: `Reliability diagram: expected calibration error ${error} on ${rows} held-out rows.`,
    option: {
      title: title(
        'Calibration',
        `${rows} held-out rows · expected calibration error ${error}\nabove the line: too modest, below: too sure`,
      ),
      legend: legend({ left: 76, top: 644, data: LEGEND }),
      grid: [
        { left: 76, top: 102, width: WIDTH, height: 370 },
        { left: 76, top: 510, width: WIDTH, height: 80 },
      ],
      xAxis: [
        { ...shareAxis('', 0), axisLabel: { show: false } },
        { ...shareAxis('Confidence of the answer', 32), gridIndex: 1 },
      ],
      yAxis: [
        shareAxis('Share that was right', 42),
        valueAxis('Rows', 46, { gridIndex: 1, splitNumber: 2, minInterval: 1 }),
      ],
      series: [
        {
          ...line,
          name: LEGEND[1],
          showSymbol: false,
          lineStyle: { width: 1.2, type: [5, 5], color: COLOURS.line },
          itemStyle: { color: COLOURS.line },
          data: [
            [0, 0],
            [1, 1],
          ],
        },
        {
          ...line,
          name: LEGEND[0],
          symbol: 'circle',
          symbolSize: (_: unknown, { dataIndex }: { readonly dataIndex: number }) =>
            5 + 11 * Math.sqrt(filled[dataIndex]!.count / most),
          lineStyle: { width: 2, color: COLOURS.blue },
          itemStyle: { color: COLOURS.blue },
          data: filled.map(({ confidence, accuracy }) => [confidence, accuracy]),
        },
        {
          ...line,
          ...{ step: 'end', showSymbol: false, xAxisIndex: 1, yAxisIndex: 1 },
          lineStyle: { width: 1.5, color: COLOURS.blue },
          areaStyle: { color: COLOURS.blue, opacity: 0.25 },
          // A last point closes the last step.
          data: [...reliability.map(({ lower, count }) => [lower, count]), [1, lastCount]],
        },
      ],
    },
  }
}

const LEGEND = ['the model (size: rows)', 'as sure as right'] as const
