// The figures: headline cards, thresholds in words, the table of classes, all metrics.
import { thresholdForAccuracy } from '../../metrics/coverage-curve.ts'
import type { Evaluation } from '../evaluation.ts'
import { figure, metricText } from '../metric-names.ts'
import { short } from '../plots/theme.ts'
import { type Html, html } from './html.ts'

const MOST_CLASSES = 500

export function headline({ headline: names, metrics, intervals }: Evaluation): Html {
  const cards = names.flatMap((name) => {
    const value = metrics[name]
    if (value === undefined) return []
    const { name: title, about } = metricText(name)
    const range = intervals[name]
    const between = range ? `95 %: ${range[0].toFixed(3)} to ${range[1].toFixed(3)}` : ''
    return html`<div class="card"><div>${title}</div><div class="value">${
      name === 'threshold' ? short(value) : value.toFixed(3)
    }</div><div class="range">${between}</div><div class="about">${about}</div></div>`
  })
  return html`<div class="metrics">${cards}</div>`
}

export function thresholdSection(evaluation: Evaluation): Html | null {
  const { suggestion, metrics } = evaluation
  if (suggestion === null) return evaluation.coverage === null ? null : confidenceTable(evaluation)
  const { equal_error_rate, youden, f1 } = suggestion.thresholds
  const rows = [
    { name: 'Misses as often as false alarms (equal error rate)', at: equal_error_rate },
    { name: 'Most found for fewest false alarms (Youden)', at: youden },
    { name: 'Best F1', at: f1 },
  ].map(
    ({ name, at }) =>
      html`<tr><td>${name}</td><td>${short(at.threshold)}</td><td>${percent(at.true_positive_rate)}</td><td>${percent(at.false_positive_rate)}</td></tr>`,
  )
  const from =
    suggestion.from === 'validation'
      ? 'Suggested from the validation rows.'
      : 'Suggested from the held-out rows themselves, so what they promise is a little flattering.'
  return html`<h2>Threshold</h2>
<p class="quiet">“${suggestion.positive}” is named from a score of ${short(metrics.threshold ?? 0.5)} now. ${from}</p>
<div class="card table"><table><thead><tr><th>To have</th><th>Threshold</th><th>“${suggestion.positive}” found</th><th>False alarms</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

/** With several classes: from which confidence on an answer can be left unchecked. */
function confidenceTable({ coverage, metrics, rows: rowCount }: Evaluation): Html | null {
  const rows = [0.9, 0.95, 0.99].flatMap((wanted) => {
    if ((metrics.accuracy ?? 0) >= wanted) return []
    const point = thresholdForAccuracy(coverage ?? [], wanted)
    // A handful of rows promises nothing.
    if (point === null || point.coverage * rowCount < 20) return []
    return html`<tr><td>${percent(wanted)} of the answers kept</td><td>${short(point.threshold)}</td><td>${percent(point.coverage)}</td></tr>`
  })
  if (rows.length === 0) return null
  return html`<h2>Threshold</h2>
<p class="quiet">Answers below a confidence can be given to a person. On these rows:</p>
<div class="card table"><table><thead><tr><th>To be right in</th><th>Confidence at least</th><th>Rows answered</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

export function classesSection({ classes, scores, curves, metrics }: Evaluation): Html {
  const areas = new Map(curves.map((curve) => [curve.label, curve]))
  const area = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : value.toFixed(3)
  const rows = scores.slice(0, MOST_CLASSES).map((score, c) => {
    const { precision, recall, f1, support } = score
    const curve = areas.get(classes[c]!)
    return html`<tr><td>${classes[c]!}</td><td>${precision.toFixed(3)}</td><td>${recall.toFixed(3)}</td><td>${f1.toFixed(3)}</td><td>${support}</td><td>${area(curve?.roc_auc)}</td><td>${area(curve?.average_precision)}</td></tr>`
  })
  const total = scores.reduce((sum, { support }) => sum + support, 0)
  const sum = (name: string, suffix: string) =>
    html`<tr class="sum"><td>${name}</td>${['precision', 'recall', 'f1'].map(
      (metric) => html`<td>${(metrics[`${metric}_${suffix}`] ?? 0).toFixed(3)}</td>`,
    )}<td>${total}</td><td></td><td></td></tr>`
  const means =
    metrics.f1_macro === undefined
      ? null
      : html`${sum('Macro mean', 'macro')}${sum('Weighted mean', 'weighted')}`
  return html`<h2>Classes</h2>
<div class="card table"><table><thead><tr><th>Class</th><th>Precision</th><th>Recall</th><th>F1</th><th>Rows</th><th>ROC AUC</th><th>Average precision</th></tr></thead><tbody>${rows}${means}</tbody></table></div>`
}

export function metricsTable({ metrics, intervals }: Evaluation): Html {
  const rows = Object.entries(metrics).map(([name, value]) => {
    const range = intervals[name]
    const between = range ? `${figure(range[0])} to ${figure(range[1])}` : ''
    return html`<tr><td>${metricText(name).name} <span class="quiet">${name}</span></td><td>${figure(value)}</td><td>${between}</td></tr>`
  })
  return html`<details><summary>All metrics</summary><div class="card table"><table><thead><tr><th>Metric</th><th>Value</th><th>95 % interval</th></tr></thead><tbody>${rows}</tbody></table></div></details>`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.995 || share < 0.005 ? 2 : 1)} %`
}
