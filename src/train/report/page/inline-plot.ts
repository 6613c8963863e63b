// A plot's SVG as part of the page: it grows with its place and follows light and dark.
import type { Plot } from '../plots/plot.ts'
import { COLOURS } from '../plots/theme.ts'
import { escapeHtml, type Html, html } from './html.ts'

/** A plot wider than this has the page's whole width … */
const WIDE = 640
/** … and one wider than this is not shrunk below what can be read, but scrolled. */
const LARGE = 1300

export function inlinePlot(name: string, plot: Plot, svg: string): Html {
  const root = `<svg class="plot" width="${plot.width}" role="img" aria-label="${escapeHtml(plot.about)}"`
  const body = svg
    .replace(/^<svg width="\d+" height="\d+"/, () => root)
    // Rules for a pointer that hovers; nothing here reacts to one.
    .replace(/<style[\s\S]*?<\/style>/, '')
    .replaceAll(/ (?:class="zr[^"]*"|pointer-events="visible"|ecmeta_\w+="[^"]*")/g, '')
    // The page's own font: the one of the PNGs may not be there.
    .replaceAll(/font-family:[^;"]*;?/g, '')
  // The heat map's shades are transparent blues.
  const themed = Object.entries(COLOURS).reduce(
    (text, [colour, value]) => text.replaceAll(value, `var(--${colour})`),
    body.replaceAll('rgb(0,114,178)', COLOURS.blue),
  )
  const large = name === 'confusion' && plot.width > LARGE ? ' large' : ''
  const className = `card${plot.width > WIDE ? ' wide' : ''}${large}`
  return html`<figure class="${className}">${{ html: themed }}</figure>`
}
