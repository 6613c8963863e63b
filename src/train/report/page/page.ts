// The report as one HTML file that needs nothing beside it: no script, no font, no address but `data:`.
import type { Shown } from '../embed-media.ts'
import type { Evaluation } from '../evaluation.ts'
import type { EvaluationInput, ReportContext } from '../evaluation-input.ts'
import { aboutSection, dataSection } from './about-section.ts'
import { classesSection, headline, metricsTable, thresholdSection } from './figures-section.ts'
import { type Html, html } from './html.ts'
import { mistakesSection } from './mistakes-section.ts'
import { REPORT_POLICY } from './policy.ts'
import { STYLE } from './style.ts'

export interface PageParts {
  readonly evaluation: Evaluation
  readonly input: EvaluationInput
  readonly context: ReportContext
  readonly plots: readonly Html[]
  readonly shown: readonly Shown[]
}

export function toPage({ evaluation, input, context, plots, shown }: PageParts): string {
  const { service, version, created } = context
  const name = `${service} ${version}`
  const body = html`<header><h1>${name}</h1>
<p class="quiet">Training report of ${created.slice(0, 16).replace('T', ' ')} UTC · judged on ${evaluation.rows} held-out rows that were used for no choice</p>
${verdict(context)}</header>
${headline(evaluation)}
${metricsTable(evaluation)}
<h2>Plots</h2>
<div class="plots">${plots}</div>
${missing(evaluation)}
${thresholdSection(evaluation)}
${classesSection(evaluation)}
${mistakesSection(evaluation, shown)}
${dataSection(input, context)}
${aboutSection(input, context)}`
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="${REPORT_POLICY}">
<title>${name}: training report</title>
<style>${{ html: STYLE }}</style></head>
<body><main>
${body}
</main></body>
</html>
`.html
}

function verdict({ gate }: ReportContext): Html | null {
  if (gate === undefined) return null
  const [style, word] = gate.passed ? ['good', 'May serve'] : ['bad', 'Kept, does not serve']
  return html`<div class="card verdict ${style}"><strong>${word}</strong><span>${gate.reason}</span></div>`
}

/** Says why a plot that one would look for is not there. */
function missing({ kind, curves, scores }: Evaluation): Html | null {
  const absent = scores.filter(({ support }) => support === 0).length
  const some = curves.some(({ roc }) => roc !== null)
  if (some && absent === 0) return null
  const what = kind === 'anomaly' ? 'normal and anomalous rows' : 'rows of more than one class'
  const text = some
    ? `Classes without a held-out row: ${absent} of ${scores.length}.`
    : `ROC and precision-recall curves need ${what}; the held-out rows are of one kind.`
  return html`<p class="quiet">${text}</p>`
}
