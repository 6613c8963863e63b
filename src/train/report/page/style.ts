// The style of the report's page: light and dark, wide and narrow, screen and paper. The variables of the plots stand here
// too: their constants are exchanged for them.
import { COLOURS } from '../plots/theme.ts'

const DARK: Readonly<Record<keyof typeof COLOURS, string>> = {
  ink: '#e6edf3',
  muted: '#9aa5b1',
  line: '#6b7681',
  grid: '#2c343d',
  surface: '#161b22',
  blue: '#58b0ea',
  orange: '#ff8f4f',
  green: '#35c99b',
  amber: '#e9b84a',
  purple: '#df8fc0',
  sky: '#93d3fa',
  brown: '#c69f7a',
  teal: '#4fc4c6',
  red: '#ff7b7b',
  olive: '#bccb57',
}

const variables = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';')

export const STYLE = `
:root{color-scheme:light dark;${variables(COLOURS)};--page:#f5f7f9;--soft:#eef2f5;--good:#00734f;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{${variables(DARK)};--page:#0d1117;--soft:#1f262e;--good:#43d39e;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:75rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:0}
h2{font-size:1.15rem;margin:2.6rem 0 .8rem}
h3{font-size:.95rem;margin:1.2rem 0 .4rem}
p{margin:.4rem 0}
.quiet{color:var(--muted)}
.card{background:var(--surface);border:1px solid var(--grid);border-radius:10px;padding:1rem 1.2rem}
.verdict{display:flex;gap:.9rem;align-items:baseline;margin-top:1.2rem;border-left:5px solid var(--line)}
.verdict strong{white-space:nowrap}
.good{border-left-color:var(--good)}.good strong{color:var(--good)}
.bad{border-left-color:var(--bad)}.bad strong{color:var(--bad)}
.metrics{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.8rem;margin-top:1rem}
.metrics .value{font-size:1.75rem;font-weight:600;line-height:1.25;font-variant-numeric:tabular-nums}
.metrics .range{font-size:.85rem;color:var(--muted);font-variant-numeric:tabular-nums}
.metrics .about{font-size:.82rem;color:var(--muted);margin-top:.25rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(32rem,100%),1fr));grid-auto-flow:dense;gap:1rem;align-items:start}
figure{margin:0;overflow-x:auto;max-width:100%;padding:.4rem}
figure.wide{grid-column:1/-1}
figure svg{display:block;max-width:100%;height:auto;margin:0 auto;font-family:inherit}
figure.large svg{min-width:68rem}
.table{overflow:auto;max-height:34rem;padding:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.42rem .9rem;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th:first-child,td:first-child,.left{text-align:left}
td:first-child{white-space:normal;overflow-wrap:anywhere;min-width:9rem}
td.left{white-space:normal;overflow-wrap:anywhere}
thead th{position:sticky;top:0;background:var(--soft);font-size:.85rem;font-weight:600}
tbody tr:last-child td{border-bottom:0}
tr.sum td{font-weight:600;background:var(--soft)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1rem;align-items:start}
.mistakes{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.9rem;padding:0;margin:0;list-style:none}
.mistakes li{padding:.7rem;overflow-wrap:anywhere;font-size:.88rem}
.mistakes img{display:block;margin:0 auto .5rem;max-width:100%;border-radius:6px}
.mistakes audio{width:100%;height:2.2rem;margin-bottom:.4rem}
.mistakes .text{font-size:1rem;font-weight:600;margin-bottom:.3rem}
.wrong{color:var(--bad)}.right{color:var(--good)}
dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.25rem 1rem;margin:0;font-size:.92rem}
dt{color:var(--muted);overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere}
ul.plain{margin:.4rem 0;padding-left:1.2rem}
details summary{cursor:pointer;margin:.6rem 0;color:var(--muted)}
@media print{:root{${variables(COLOURS)};--page:#fff}main{max-width:none;padding:0}.card,figure,li{break-inside:avoid}.table{max-height:none}}
`
