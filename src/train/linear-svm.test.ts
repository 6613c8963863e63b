import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import type { CalibratedLinear } from './calibration.ts'
import {
  fitCalibratedEnsemble,
  fitCalibratedSvm,
  fitSigmoid,
  heldOutMargins,
} from './calibration.ts'
import { expectedCalibrationError } from './expected-calibration-error.ts'
import { stratifiedFolds } from './folds.ts'
import { decisions, fitLinearSvm, type LinearSvmOptions } from './linear-svm.ts'
import { selectRows, toSparseMatrix } from './sparse.ts'
import { fitTemperature } from './temperature.ts'

interface Fixture {
  readonly rows: [number[], number[]][]
  readonly columns: number
  readonly labels: number[]
  readonly fits: {
    options: PythonOptions
    classes: number
    coef: number[][]
    intercept: number[]
  }[]
  readonly folds: number[]
  readonly sigmoid: { margins: number[]; positives: number[]; fits: [number, number][] }
  readonly inverseTemperature: number
  readonly calibrated: { ensemble: boolean; classes: number; probabilities: number[][] }[]
}
interface PythonOptions {
  readonly C?: number
  readonly loss?: 'hinge'
  readonly intercept_scaling?: number
  readonly fit_intercept?: boolean
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/linear.json', import.meta.url), 'utf8'),
) as Fixture
const matrix = toSparseMatrix(
  fixture.rows.map(([ids, values]) => ({
    ids: Int32Array.from(ids),
    values: Float64Array.from(values),
  })),
  fixture.columns,
)
const exact: LinearSvmOptions = { tolerance: 1e-9, maxIterations: 100_000 }
const labelsOf = (classes: number) =>
  classes === 2 ? fixture.labels.map((label) => (label > 1 ? 1 : 0)) : fixture.labels

for (const { options, classes, coef, intercept } of fixture.fits) {
  test(`weights equal scikit-learn's LinearSVC: ${JSON.stringify(options)}, ${classes} classes`, () => {
    const model = fitLinearSvm(matrix, labelsOf(classes), classes, {
      ...exact,
      ...toOptions(options),
    })
    close(model.weights, coef.flat(), 1e-6)
    close(model.intercepts, intercept, 1e-6)
  })
}

test('a loose tolerance gives nearly the same decisions, and the same seed the same weights', () => {
  const loose = fitLinearSvm(matrix, fixture.labels, 4)
  const tight = fitLinearSvm(matrix, fixture.labels, 4, exact)
  close(decisions(loose, matrix), decisions(tight, matrix), 1e-3)
  assert.deepEqual(fitLinearSvm(matrix, fixture.labels, 4), loose)
})

test('folds equal StratifiedKFold', () => {
  assert.deepEqual([...stratifiedFolds(fixture.labels, 5)], fixture.folds)
})

test('the sigmoid equals scikit-learn, for large margins too', () => {
  const { margins, positives, fits } = fixture.sigmoid
  for (const [i, scale] of [1, 100].entries()) {
    const { slope, offset } = fitSigmoid(
      margins.map((m) => m * scale),
      positives,
    )
    close([slope * scale, offset], [fits[i]![0] * scale, fits[i]![1]], 1e-4)
  }
})

for (const { ensemble, classes, probabilities } of fixture.calibrated) {
  test(`probabilities equal CalibratedClassifierCV: ensemble ${ensemble}, ${classes} classes`, () => {
    const labels = labelsOf(classes)
    const models = ensemble
      ? fitCalibratedEnsemble(matrix, labels, classes, exact)
      : [fitCalibratedSvm(matrix, labels, classes, exact)]
    const head = selectRows(
      matrix,
      probabilities.map((_, i) => i),
    )
    for (const [row, expected] of probabilities.entries()) {
      const mean = expected.map(
        (_, label) =>
          models.reduce((sum, model) => sum + probability(model, head, row, label), 0) /
          models.length,
      )
      close(mean, expected, 1e-4)
    }
  })
}

test('the temperature equals scikit-learn', () => {
  const margins = heldOutMargins(matrix, fixture.labels, 4, exact)
  const scale = fitTemperature(margins, fixture.labels, 4)
  close([scale], [fixture.inverseTemperature], 1e-4)
  const wide = Float64Array.from(margins, (margin) => margin * 30)
  close([fitTemperature(wide, fixture.labels, 4) * 30], [scale], 1e-6)
})

test('calibration error: none where confidence is accuracy, all of it where it is not', () => {
  assert.equal(expectedCalibrationError([1, 1, 0.5, 0.5], [1, 1, 1, 0]), 0)
  assert.equal(expectedCalibrationError([1, 1], [0, 0]), 1)
  assert.ok(
    Math.abs(expectedCalibrationError([0.8, 0.8, 0.6], [1, 1, 0]) - (0.4 + 0.6) / 3) < 1e-12,
  )
})

function probability(
  model: CalibratedLinear,
  x: typeof matrix,
  row: number,
  label: number,
): number {
  const { columns } = model.model
  const margins = decisions(model.model, x).subarray(row * columns, (row + 1) * columns)
  const scores = [...margins].map((margin, column) => {
    const { slope, offset } = model.sigmoids[column]!
    return 1 / (1 + Math.exp(slope * margin + offset))
  })
  if (columns === 1) return label === 1 ? scores[0]! : 1 - scores[0]!
  return scores[label]! / scores.reduce((sum, score) => sum + score, 0)
}

function toOptions(o: PythonOptions): LinearSvmOptions {
  return {
    ...(o.C === undefined ? {} : { c: o.C }),
    ...(o.loss === undefined ? {} : { loss: o.loss }),
    ...(o.intercept_scaling === undefined ? {} : { interceptScaling: o.intercept_scaling }),
    ...(o.fit_intercept === undefined ? {} : { fitIntercept: o.fit_intercept }),
  }
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length)
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!)
    assert.ok(
      gap < tolerance * Math.max(1, Math.abs(expected[i]!)),
      `${i}: ${actual[i]} is not ${expected[i]}`,
    )
  }
}
