// What the figures rest on: the data, what was left out of it, parameters, machine and times.
import type { Json } from '../../../json.ts'
import type { DataSummary, EvaluationInput, ReportContext } from '../evaluation-input.ts'
import { type Html, html } from './html.ts'

const MOST_LISTED = 100

export function dataSection({ data }: EvaluationInput, context: ReportContext): Html | null {
  const notices = [...new Set([...(data?.notices ?? []), ...(context.notices ?? [])])]
  if (data === undefined && notices.length === 0) return null
  return html`<h2>Data</h2>
${data?.source === undefined ? null : html`<p class="quiet">${data.source}</p>`}
${data === undefined ? null : splitTable(data)}
${list('Noticed', notices)}
${list(
  'Skipped',
  (data?.skipped ?? []).map(({ file, reason }) => `${file}: ${reason}`),
)}`
}

function splitTable({ classes }: DataSummary): Html | null {
  const entries = Object.entries(classes)
  if (entries.length === 0) return null
  const splits = [...new Set(entries.flatMap(([, counts]) => Object.keys(counts)))]
  const total = (split: string) =>
    entries.reduce((sum, [, counts]) => sum + (counts[split] ?? 0), 0)
  return html`<div class="card table"><table><thead><tr><th>Rows</th>${splits.map((split) => html`<th>${split}</th>`)}</tr></thead><tbody>${entries.map(
    ([name, counts]) =>
      html`<tr><td>${name}</td>${splits.map((split) => html`<td>${counts[split] ?? 0}</td>`)}</tr>`,
  )}<tr class="sum"><td>All</td>${splits.map((split) => html`<td>${total(split)}</td>`)}</tr></tbody></table></div>`
}

function list(title: string, items: readonly string[]): Html | null {
  if (items.length === 0) return null
  const rest = items.length - MOST_LISTED
  const shown = items.slice(0, MOST_LISTED).map((item) => html`<li>${item}</li>`)
  const more = rest > 0 ? html`<li>… and ${rest} more</li>` : null
  return html`<details${items.length <= 8 ? html` open` : null}><summary>${title} (${items.length})</summary><ul class="plain">${shown}${more}</ul></details>`
}

export function aboutSection(input: EvaluationInput, context: ReportContext): Html {
  const { method, parameters = {}, durations = {} } = input
  const times = Object.entries(durations)
  const all = times.reduce((sum, [, seconds]) => sum + seconds, 0)
  const facts = { ...(context.job !== undefined && { job: context.job }), ...context.environment }
  return html`<h2>How it was made</h2>
${method === undefined ? null : html`<p>${method}</p>`}
<div class="columns">${[
    box('Parameters', toEntries(parameters)),
    box('Environment', toEntries(facts)),
    box('Time', times.length === 0 ? [] : [...times, ['all', all] as const].map(toTime)),
  ].filter((one) => one !== null)}</div>`
}

function box(title: string, entries: readonly (readonly [string, string])[]): Html | null {
  if (entries.length === 0) return null
  return html`<div class="card"><h3>${title}</h3><dl>${entries.map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`,
  )}</dl></div>`
}

function toEntries(values: { readonly [key: string]: Json }): (readonly [string, string])[] {
  return Object.entries(values).map(([name, value]) => [
    name.replaceAll('_', ' '),
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
}

function toTime([name, seconds]: readonly [string, number]): readonly [string, string] {
  const minutes = Math.floor(seconds / 60)
  return [
    name,
    minutes > 0 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${seconds.toFixed(2)} s`,
  ]
}
