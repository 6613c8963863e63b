// Loss, metrics and learning rate by epoch.
import type { Evaluation } from '../evaluation.ts'
import type { EpochRecord } from '../evaluation-input.ts'
import type { Plot } from './plot.ts'
import { COLOURS, legend, SERIES, shorten, title, valueAxis } from './theme.ts'

const PANEL = { width: 400, height: 300, left: 76, gap: 112 }
const NO_METRIC = new Set(['epoch', 'learning_rate', 'seconds'])

/** @returns null where there were no epochs */
export function historyPlot({ history, bestEpoch }: Evaluation): Plot | null {
  if (history.length === 0) return null
  const names = [...new Set(history.flatMap((record) => Object.keys(record)))].filter((name) =>
    history.some((record) => Number.isFinite(record[name])),
  )
  const isLoss = (name: string) => /(^|_)loss$/.test(name)
  const metrics = names.filter((name) => !NO_METRIC.has(name) && !isLoss(name))
  const panels = [
    { heading: 'Loss', names: names.filter(isLoss) },
    { heading: metrics.length === 1 ? shorten(metrics[0]!) : 'Metrics', names: metrics },
    { heading: 'Learning rate', names: names.filter((name) => name === 'learning_rate') },
  ].filter((panel) => panel.names.length > 0)
  if (panels.length === 0) return null
  const epochs = history.length === 1 ? 'one epoch' : `${history.length} epochs`
  const kept = bestEpoch === null ? '' : ` · weights of epoch ${bestEpoch} kept`
  const left = (i: number) => PANEL.left + i * (PANEL.width + PANEL.gap)
  return {
    width: Math.max(left(panels.length - 1) + PANEL.width + 40, 560),
    height: PANEL.height + 196,
    about: `Training curves over ${epochs}${kept}: ${names.filter((n) => n !== 'epoch').join(', ')}.`,
    option: {
      title: title('Training curves', epochs + kept),
      legend: panels.map(({ names: data }, i) =>
        legend({ left: left(i), top: 84, data: data.map((name) => shorten(name)) }),
      ),
      grid: panels.map((_, i) => ({ left: left(i), top: 122, ...size() })),
      xAxis: panels.map((_, i) => epochAxis(history, i)),
      yAxis: panels.map(({ heading }, i) => valueAxis(heading, 54, { gridIndex: i, scale: true })),
      series: panels.flatMap((panel, i) => panel.names.map((n, k) => series(n, i, k))),
    },
  }

  function series(name: string, panel: number, k: number): object {
    const color = SERIES[k % SERIES.length]!
    return {
      name: shorten(name),
      type: 'line',
      silent: true,
      ...{ xAxisIndex: panel, yAxisIndex: panel },
      // A single point has no line to be seen by.
      showSymbol: history.length <= 20,
      symbol: 'circle',
      symbolSize: history.length === 1 ? 10 : 5,
      lineStyle: { width: 2, color },
      itemStyle: { color },
      data: history.map((record) => [record.epoch, finite(record[name])]),
      ...(k === 0 && bestEpoch !== null && { markLine: bestLine(bestEpoch) }),
    }
  }
}

function size(): object {
  return { width: PANEL.width, height: PANEL.height }
}

function epochAxis(history: readonly EpochRecord[], panel: number): object {
  const [first, last] = [history[0]!.epoch, history.at(-1)!.epoch]
  const one = first === last
  const range = { min: one ? first - 1 : first, max: one ? last + 1 : last }
  return valueAxis('Epoch', 32, {
    gridIndex: panel,
    minInterval: 1,
    ...range,
    splitLine: { show: false },
  })
}

function bestLine(epoch: number): object {
  return {
    silent: true,
    symbol: 'none',
    label: { formatter: 'kept', color: COLOURS.muted, fontSize: 12 },
    lineStyle: { color: COLOURS.line, type: [4, 4], width: 1.4 },
    data: [{ xAxis: epoch }],
  }
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
