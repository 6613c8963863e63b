// The rows that the model was surest about and wrong, to be looked at, listened to or read.

import type { Shown } from '../embed-media.ts'
import type { Evaluation } from '../evaluation.ts'
import { short } from '../plots/theme.ts'
import { type Html, html } from './html.ts'

const TEXT_LENGTH = 240

export function mistakesSection(
  { mistakeCount, rows, kind, groups }: Evaluation,
  shown: readonly Shown[],
): Html {
  if (mistakeCount === 0) {
    return html`<h2>Mistakes</h2><p class="quiet">None: every one of the ${rows} held-out rows was right.</p>`
  }
  const order =
    kind === 'anomaly' ? 'furthest on the wrong side of the threshold' : 'those it was surest of'
  const some =
    shown.length < mistakeCount ? `The ${shown.length} worst are shown, ` : 'Worst first: '
  const score = (value: number) =>
    groups === null ? `${(value * 100).toFixed(1)}\u00a0%` : `${groups.name} ${short(value)}`
  return html`<h2>Worst mistakes</h2>
<p class="quiet">${mistakeCount} of ${rows} held-out rows were wrong. ${some}${order}.</p>
<ul class="mistakes">${shown.map((one) => item(one, score))}</ul>`
}

function item({ mistake, picture, audio }: Shown, score: (value: number) => string): Html {
  const { label, named, reference, row } = mistake
  const text = reference?.text
  return html`<li class="card">${picture === null ? null : html`<img src="${picture}" alt="${reference?.id ?? ''}">`}${
    audio === null ? null : html`<audio controls preload="none" src="${audio}"></audio>`
  }${text === undefined ? null : html`<div class="text">${clip(text)}</div>`}
<div>said <strong class="wrong">${clip(named)}</strong> (${score(mistake.score)})</div>
<div>is <strong class="right">${clip(label)}</strong></div>
<div class="quiet">${clip(reference?.id ?? `row ${row + 1}`)}</div></li>
`
}

function clip(text: string): string {
  return text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH - 1)}…` : text
}
