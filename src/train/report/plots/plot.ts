// One plot: drawn by ECharts as SVG, made a PNG by resvg. Loads both libraries; import it only where plots are drawn.
import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'
import { type EChartsOption, init } from 'echarts/dist/echarts.esm.min'
import { COLOURS, FONT } from './theme.ts'

/** What a plot module gives. */
export interface Plot {
  readonly width: number
  readonly height: number
  /** What the plot shows, for those who cannot see it. */
  readonly about: string
  readonly option: object
}

/** Without a font file resvg leaves all text out and says nothing. */
const FONT_FILES = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map(
  (file) => createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${file}`),
)

/** @returns SVG text whose colours are those of the theme */
export function toSvg({ width, height, option }: Omit<Plot, 'about'>): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, color: COLOURS.ink },
      ...option,
    } as EChartsOption)
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/** @param scale pixels of the PNG for each of the plot */
export function toPng(svg: string, scale = 2): Buffer {
  const font = { fontFiles: FONT_FILES, loadSystemFonts: false, defaultFontFamily: FONT }
  const fitTo = { mode: 'zoom', value: scale } as const
  return Buffer.from(new Resvg(svg, { font, fitTo, background: '#ffffff' }).render().asPng())
}
