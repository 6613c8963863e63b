// Every metric against scikit-learn (scripts/reference/metrics).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { classificationMetrics, indexOfMost } from '../classification-metrics.ts'
import { expectedCalibrationError } from '../expected-calibration-error.ts'
import { classScores, overallScores } from './class-scores.ts'
import { confusionMatrix } from './confusion-matrix.ts'
import { percentile, shareAbove } from './percentile.ts'
import { averagePrecision, precisionRecallCurve } from './precision-recall-curve.ts'
import { brierScore, logLoss } from './probability-losses.ts'
import { reliabilityBins } from './reliability-bins.ts'
import { rocAuc, rocCurve } from './roc-curve.ts'
import { suggestThresholds } from './suggest-thresholds.ts'
import { thresholdCounts } from './threshold-counts.ts'

type Curve = Readonly<Record<string, readonly (number | null)[]>>

interface OneVsRest {
  readonly roc_auc: number | null
  readonly average_precision: number | null
  readonly roc: Curve | null
  readonly pr: Curve | null
  readonly suggestions: Readonly<Record<string, { threshold: number; value: number }>> | null
}

interface Case {
  readonly name: string
  readonly classes: number
  readonly labels: readonly number[]
  readonly probabilities: readonly number[]
  readonly weights: readonly number[] | null
  readonly expected: Readonly<Record<string, number>> & {
    readonly confusion: readonly (readonly number[])[]
    readonly per_class: Readonly<Record<'precision' | 'recall' | 'f1' | 'support', number[]>>
    readonly one_vs_rest: readonly OneVsRest[]
    readonly reliability?: Readonly<Record<'counts' | 'mean_confidence' | 'accuracy', number[]>>
  }
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/metrics.json', import.meta.url), 'utf8'),
) as {
  readonly cases: readonly Case[]
  readonly percentiles: {
    readonly scores: readonly number[]
    readonly values: readonly { q: number; value: number }[]
  }
}

function close(actual: unknown, expected: unknown, what: string): void {
  if (typeof expected !== 'number') {
    assert.equal(actual ?? null, expected, what)
    return
  }
  assert.ok(typeof actual === 'number', `${what}: ${String(actual)}`)
  assert.ok(Math.abs(actual - expected) <= 1e-9, `${what}: ${actual} instead of ${expected}`)
}

function allClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number | null>,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what)
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] === null) assert.equal(actual[i], Number.POSITIVE_INFINITY, what)
    else close(actual[i], expected[i], `${what}[${i}]`)
  }
}

const rowsOf = ({ labels, classes, probabilities }: Case) =>
  labels.map((_, row) => probabilities.slice(row * classes, (row + 1) * classes))

for (const entry of fixture.cases) {
  const { name, classes, labels, probabilities, expected } = entry
  const weights = entry.weights ?? undefined
  const rows = rowsOf(entry)
  const named = rows.map(indexOfMost)

  test(`${name}: scores of classes and over all`, () => {
    const matrix = confusionMatrix(labels, named, classes, weights)
    assert.deepEqual([...matrix.counts], expected.confusion.flat())
    const scores = classScores(matrix)
    for (const key of ['precision', 'recall', 'f1', 'support'] as const) {
      allClose(
        scores.map((score) => score[key]),
        expected.per_class[key],
        key,
      )
    }
    for (const [key, value] of Object.entries(overallScores(scores))) {
      close(value, expected[key], key)
    }
    close(logLoss(probabilities, labels, classes, weights), expected.log_loss, 'log_loss')
    close(brierScore(probabilities, labels, classes, weights), expected.brier_score, 'brier_score')
  })

  test(`${name}: curves, areas and thresholds of each class against the rest`, () => {
    const areas: number[] = []
    for (const [c, want] of expected.one_vs_rest.entries()) {
      const positives = labels.map((label) => (label === c ? 1 : 0))
      const scores = rows.map((row) => row[c]!)
      const counts = thresholdCounts(positives, scores, weights)
      const auc = rocAuc(counts)
      close(auc, want.roc_auc, `AUC of ${c}`)
      if (auc !== null) areas.push(auc)
      close(averagePrecision(counts), want.average_precision, `average precision of ${c}`)
      const roc = rocCurve(counts)
      assert.equal(roc === null, want.roc === null)
      if (roc !== null) {
        for (const key of ['fpr', 'tpr', 'thresholds'] as const) {
          allClose(roc[key], want.roc![key]!, `ROC ${key} of ${c}`)
        }
      }
      const pr = precisionRecallCurve(counts)
      assert.equal(pr === null, want.pr === null)
      if (pr !== null) {
        for (const key of ['precision', 'recall', 'thresholds'] as const) {
          allClose(pr[key], want.pr![key]!, `${key} of ${c}`)
        }
      }
      const suggestions = suggestThresholds(counts)
      assert.equal(suggestions === null, want.suggestions === null)
      for (const [key, { threshold, value }] of Object.entries(want.suggestions ?? {})) {
        const found = suggestions![key as 'f1']
        close(found.threshold, threshold, `${key} threshold of ${c}`)
        close(found.value, value, `${key} of ${c}`)
      }
    }
    if (expected.roc_auc_macro !== undefined) {
      const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length
      close(mean, expected.roc_auc_macro, 'macro AUC')
    }
  })

  if (expected.reliability) {
    const { counts, mean_confidence, accuracy } = expected.reliability
    test(`${name}: reliability`, () => {
      const confidences = rows.map((row) => Math.max(...row))
      const correct = named.map((c, row) => (c === labels[row] ? 1 : 0))
      const bins = reliabilityBins(confidences, correct)
      assert.deepEqual(
        bins.map(({ count }) => count),
        counts,
      )
      const filled = bins.filter(({ count }) => count > 0)
      allClose(
        filled.map((bin) => bin.confidence!),
        mean_confidence,
        'confidence',
      )
      allClose(
        filled.map((bin) => bin.accuracy!),
        accuracy,
        'accuracy',
      )
      const error = expectedCalibrationError(confidences, correct)
      close(error, expected.expected_calibration_error, 'expected_calibration_error')
      const few = classificationMetrics(labels.map((label, i) => ({ label, scores: rows[i]! })))
      for (const [key, value] of Object.entries(few)) close(value, expected[key], key)
    })
  }
}

test("percentiles are NumPy's", () => {
  const { scores, values } = fixture.percentiles
  for (const { q, value } of values) close(percentile(scores, q), value, `percentile ${q}`)
  assert.equal(shareAbove(scores, percentile(scores, 100)), 0)
  assert.equal(shareAbove([], 1), null)
})

test('a class that the model does not know counts as one that is never named', () => {
  const scores = [0.9, 0.1]
  const metrics = classificationMetrics([
    { label: 0, scores },
    { label: -1, scores },
  ])
  assert.equal(metrics.accuracy, 0.5)
  assert.equal(metrics.balanced_accuracy, 0.5)
  assert.ok(Math.abs(metrics.f1_macro - 1 / 3) < 1e-12)
})
