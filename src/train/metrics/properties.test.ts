// What holds for the metrics of any rows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bootstrapIntervals } from './bootstrap-intervals.ts'
import { classScores, overallScores } from './class-scores.ts'
import { confusionMatrix } from './confusion-matrix.ts'
import { coverageCurve, thresholdForAccuracy } from './coverage-curve.ts'
import { averagePrecision } from './precision-recall-curve.ts'
import { rankedAuc, rocAuc, rocCurve } from './roc-curve.ts'
import { rankScores, thresholdCounts } from './threshold-counts.ts'

const scored = fc.array(
  fc.record({ positive: fc.boolean(), score: fc.integer({ min: 0, max: 12 }) }),
  { minLength: 1, maxLength: 60 },
)

test('curves run between their corners, areas stay in range and mirror with the scores', () => {
  fc.assert(
    fc.property(scored, (rows) => {
      const positives = rows.map(({ positive }) => (positive ? 1 : 0))
      const scores = rows.map(({ score }) => score)
      const counts = thresholdCounts(positives, scores)
      const auc = rocAuc(counts)
      const roc = rocCurve(counts)
      assert.equal(auc === null, roc === null)
      const ap = averagePrecision(counts)
      if (ap !== null) assert.ok(ap > 0 && ap <= 1 + 1e-12)
      if (auc === null || roc === null) return
      assert.ok(auc >= 0 && auc <= 1)
      const mirrored = rocAuc(
        thresholdCounts(
          positives,
          scores.map((score) => -score),
        ),
      )
      assert.ok(Math.abs(auc + mirrored! - 1) < 1e-12)
      for (const rates of [roc.fpr, roc.tpr]) {
        assert.deepEqual([rates[0], rates.at(-1)], [0, 1])
        assert.ok(rates.every((rate, i) => i === 0 || rate >= rates[i - 1]!))
      }
      // Mann and Whitney: the share of pairs that are in order.
      let [wins, pairs] = [0, 0]
      for (const a of rows.filter(({ positive }) => positive)) {
        for (const b of rows.filter(({ positive }) => !positive)) {
          pairs += 1
          wins += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0
        }
      }
      assert.ok(Math.abs(auc - wins / pairs) < 1e-12)
    }),
  )
})

test('whole weights count as repeated rows', () => {
  fc.assert(
    fc.property(scored, fc.infiniteStream(fc.nat(3)), (rows, stream) => {
      const weights = rows.map(() => stream.next().value as number)
      const repeated = rows.flatMap((row, i) => Array(weights[i]!).fill(row) as typeof rows)
      const columns = (list: typeof rows) =>
        [list.map(({ positive }) => (positive ? 1 : 0)), list.map(({ score }) => score)] as const
      const counts = (list: typeof rows, by?: number[]) => thresholdCounts(...columns(list), by)
      const [one, two] = [counts(rows, weights), counts(repeated)]
      for (const metric of [rocAuc, averagePrecision]) {
        const [a, b] = [metric(one), metric(two)]
        assert.equal(a === null, b === null)
        if (a !== null) assert.ok(Math.abs(a - b!) < 1e-9)
      }
      const [positives, scores] = columns(rows)
      assert.equal(rankedAuc(positives, scores, weights, rankScores(scores)), rocAuc(one))
    }),
  )
})

test('accuracy is the mean of recall weighted by rows; macro scores stay between 0 and 1', () => {
  const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(pairs, (list) => {
      const labels = list.map(([label]) => label)
      const named = list.map(([, name]) => name)
      const overall = overallScores(classScores(confusionMatrix(labels, named, 5)))
      const right = list.filter(([a, b]) => a === b).length / list.length
      assert.ok(Math.abs(overall.accuracy - right) < 1e-12)
      assert.ok(Math.abs(overall.recall_weighted - right) < 1e-12)
      for (const value of Object.values(overall)) assert.ok(value >= 0 && value <= 1 + 1e-12)
    }),
  )
})

test('coverage rises to every row, and a threshold keeps its promise', () => {
  const answers = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), {
    minLength: 1,
  })
  fc.assert(
    fc.property(answers, fc.double({ min: 0, max: 1, noNaN: true }), (list, wanted) => {
      const confidences = list.map(([confidence]) => confidence / 20)
      const correct = list.map(([, right]) => (right ? 1 : 0))
      const curve = coverageCurve(confidences, correct)
      assert.equal(curve.at(-1)!.coverage, 1)
      assert.ok(curve.every(({ coverage }, i) => i === 0 || coverage > curve[i - 1]!.coverage))
      const point = thresholdForAccuracy(curve, wanted)
      if (point === null) return assert.ok(curve.every(({ accuracy }) => accuracy < wanted))
      const kept = list.filter(([confidence]) => confidence / 20 >= point.threshold)
      assert.ok(kept.filter(([, right]) => right).length / kept.length >= wanted - 1e-12)
    }),
  )
})

test('bootstrap intervals hold their metric, repeat with the seed, and widen when rows come in groups', () => {
  const values = Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 0 : 1))
  const groups = values.map((_, i) => (i % 4) * 5 + Math.floor(i / 40))
  const mean = (weights: Float64Array) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const share = weights.reduce((sum, weight, i) => sum + weight * values[i]!, 0) / total
    return { share, never: null }
  }
  const { share, never } = bootstrapIntervals(200, mean)
  assert.equal(never, undefined)
  assert.ok(share![0] < 0.75 && 0.75 < share![1])
  // The normal approximation: 0.75 ± 1.96 · √(0.75 · 0.25 / 200).
  assert.ok(Math.abs(share![1] - share![0] - 0.12) < 0.02)
  assert.deepEqual(bootstrapIntervals(200, mean).share, share)
  const grouped = bootstrapIntervals(200, mean, { groups }).share!
  assert.ok(grouped[1] - grouped[0] > 2 * (share![1] - share![0]))
})
