// How the plots look. Every colour is a constant of its own, so that the page can exchange it for one that follows light
// and dark; the PNGs keep these. Series colours are told apart by colour-blind people (Okabe & Ito, 2008).

export const FONT = 'Inter'

export const COLOURS = {
  ink: '#1f2328',
  muted: '#59636e',
  line: '#9aa4ae',
  grid: '#e1e6eb',
  surface: '#fffffe',
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  amber: '#c98500',
  purple: '#b0568c',
  sky: '#3d9fd6',
  brown: '#7f5b3a',
  teal: '#00777a',
  red: '#c1272d',
  olive: '#6b7a12',
} as const

/** In the order in which series take them. */
export const SERIES = [
  COLOURS.blue,
  COLOURS.orange,
  COLOURS.green,
  COLOURS.purple,
  COLOURS.amber,
  COLOURS.sky,
  COLOURS.brown,
  COLOURS.teal,
  COLOURS.red,
  COLOURS.olive,
] as const

/** What stands above a plot. */
export function title(text: string, subtext = '', left = 24): object {
  return {
    text,
    subtext,
    left,
    top: 14,
    itemGap: 6,
    textStyle: { fontSize: 17, fontWeight: 600, color: COLOURS.ink },
    subtextStyle: { fontSize: 12.5, lineHeight: 18, color: COLOURS.muted },
  }
}

/** An axis of numbers. `nameGap` is the distance of its name from its line. */
export function valueAxis(name: string, nameGap: number, more: object = {}): object {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap,
    nameTextStyle: { fontSize: 13, color: COLOURS.muted },
    axisLabel: { fontSize: 12, color: COLOURS.muted, hideOverlap: true, formatter: short },
    axisLine: { show: true, onZero: false, lineStyle: { color: COLOURS.line } },
    axisTick: { show: true, lineStyle: { color: COLOURS.line } },
    splitLine: { lineStyle: { color: COLOURS.grid } },
    ...more,
  }
}

/** An axis from 0 to 1. */
export function shareAxis(name: string, nameGap: number): object {
  return valueAxis(name, nameGap, { min: 0, max: 1, interval: 0.2 })
}

/** A logarithmic axis with ticks at 1, 2 and 5 of each decade. @param low greater than 0 */
export function logAxis(name: string, nameGap: number, low: number, high: number): object {
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high / low)) + 2 },
    (_, i) => 10 ** (Math.floor(Math.log10(low)) + i),
  )
  const steps = decades.length > 5 ? [1] : [1, 2, 5]
  const customValues = decades
    .flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(3))))
    .filter((value) => value >= low && value <= high)
  return valueAxis(name, nameGap, {
    ...{ type: 'log', min: low, max: high },
    axisTick: { customValues, lineStyle: { color: COLOURS.line } },
    axisLabel: { customValues, fontSize: 12, color: COLOURS.muted, formatter: short },
    splitLine: { show: false },
  })
}

export function legend(more: object): object {
  return {
    icon: 'rect',
    itemWidth: 18,
    itemHeight: 4,
    itemGap: 26,
    textStyle: { fontSize: 12.5, color: COLOURS.ink },
    ...more,
  }
}

/** A name that fits its place, on one line. */
export function shorten(name: string, length = 24): string {
  const plain = name.replaceAll(/\p{C}|\s+/gu, ' ').trim()
  const letters = [...plain]
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : plain
}

/** Three digits that matter. */
export function short(value: number): string {
  const rounded = Number(value.toPrecision(3))
  const tiny = rounded !== 0 && Math.abs(rounded) < 1e-3
  return tiny ? rounded.toExponential() : String(rounded)
}
