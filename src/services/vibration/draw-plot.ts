// Draws the batches of one plot: ECharts makes the SVG, resvg the PNG. Loaded by the plot worker alone: it takes tens of
// milliseconds a picture, and the libraries take memory that most servers never need.
import { toPng, toSvg } from '../../train/report/plots/plot.ts'
import { FONT } from '../../train/report/plots/theme.ts'
import type { PlotRecord } from './plot-record.ts'

const WIDTH = 1200
const HEIGHT = 640

/** Colours that colour-blind people tell apart (Okabe & Ito, 2008). */
const SERIES = [
  { axis: 'x', color: '#0072b2', width: 1.8 },
  { axis: 'y', color: '#009e73', width: 1.8 },
  { axis: 'z', color: '#e69f00', width: 1.8 },
  { axis: 'acceleration', color: '#3b3b3b', width: 1.4 },
] as const

const ANOMALY = '#d62728'

/** @returns a PNG of 1200 × 640 pixels */
export function drawPlot(record: PlotRecord): Buffer {
  return toPng(toSvg({ width: WIDTH, height: HEIGHT, option: toOption(record) }), 1)
}

function toOption(record: PlotRecord): object {
  const { batches } = record
  const count = batches.reduce((sum, batch) => sum + batch.x.length, 0)
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT, fontSize: 14, color: '#333333' },
    title: toTitle(record),
    legend: {
      right: 24,
      top: 22,
      itemWidth: 22,
      icon: 'rect',
      itemHeight: 4,
      textStyle: { fontSize: 14 },
      data: SERIES.map(({ axis }) => axis),
    },
    grid: { left: 76, right: 28, top: 146, bottom: 64 },
    xAxis: {
      type: 'value',
      min: 0,
      max: count,
      interval: 20,
      name: 'Point',
      nameLocation: 'middle',
      nameGap: 34,
      nameTextStyle: { fontSize: 14 },
      splitLine: { show: false },
      axisLine: { onZero: false, lineStyle: { color: '#888888' } },
    },
    yAxis: {
      type: 'value',
      scale: true,
      name: 'Acceleration (g)',
      nameLocation: 'middle',
      nameGap: 52,
      nameTextStyle: { fontSize: 14 },
      splitLine: { lineStyle: { color: '#e6e6e6' } },
    },
    series: SERIES.map((series, i) => toSeries(record, series, i === 0)),
  }
}

function toTitle({ device, version, batches }: PlotRecord): object {
  const anomalies = batches.filter(({ anomaly }) => anomaly).length
  const first = readable(batches[0]!.timestamp)
  const last = readable(batches.at(-1)!.timestamp)
  const found = anomalies === 0 ? 'no anomaly' : `${anomalies} of ${batches.length} anomalous`
  return {
    text: device === null ? 'Vibration' : `Vibration of ${shortened(device)}`,
    subtext: `${first} – ${last}   ·   ${batches.length} batches, ${found}   ·   model ${version}`,
    left: 20,
    top: 16,
    textStyle: { fontSize: 20, fontWeight: 600, color: '#111111' },
    subtextStyle: { fontSize: 14, color: '#555555' },
  }
}

function toSeries(
  { batches }: PlotRecord,
  { axis, color, width }: (typeof SERIES)[number],
  carriesMarks: boolean,
): object {
  let start = 1
  const spans = batches.map((batch) => {
    const span = { batch, start, end: start + batch.x.length - 1 }
    start = span.end + 1
    return span
  })
  return {
    name: axis,
    type: 'line',
    showSymbol: false,
    lineStyle: { width, ...(axis === 'acceleration' && { type: [6, 4] }) },
    itemStyle: { color },
    data: batches.flatMap((batch) => batch[axis]).map((value, i) => [i + 1, value]),
    ...(carriesMarks && { markArea: toAreas(spans), markLine: toBorders(spans) }),
  }
}

type Spans = readonly { batch: PlotRecord['batches'][number]; start: number; end: number }[]

/** Every batch says its error over its threshold; anomalous ones are shaded. */
function toAreas(spans: Spans): object {
  return {
    silent: true,
    data: spans.map(({ batch, start, end }) => [
      {
        xAxis: start === 1 ? 0 : start - 0.5,
        name: `${batch.anomaly ? 'ANOMALY' : 'normal'}\nerror ${short(batch.error)}\nlimit ${short(batch.threshold)}`,
        itemStyle: { color: batch.anomaly ? ANOMALY : 'transparent', opacity: 0.14 },
        label: {
          position: 'top',
          distance: 6,
          fontFamily: FONT,
          fontSize: 12,
          lineHeight: 16,
          fontWeight: batch.anomaly ? 600 : 400,
          color: batch.anomaly ? ANOMALY : '#777777',
        },
      },
      { xAxis: end === spans.at(-1)!.end ? end : end + 0.5 },
    ]),
  }
}

function toBorders(spans: Spans): object {
  return {
    silent: true,
    symbol: 'none',
    label: { show: false },
    lineStyle: { color: '#bbbbbb', type: 'dotted', width: 1 },
    data: spans.slice(1).map(({ start }) => ({ xAxis: start - 0.5 })),
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function shortened(device: string): string {
  return device.length > 48 ? `${device.slice(0, 47)}…` : device
}

/** To the millisecond, with a blank for the T. */
function readable(timestamp: string): string {
  return timestamp.replace('T', ' ').slice(0, 23)
}
