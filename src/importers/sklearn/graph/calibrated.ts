// CalibratedClassifierCV over any classifier, with sigmoids or isotonic steps.

import { attribute, refuse, vectorOf } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import { membersOf, sigmoidOf } from '../linear/calibrated.ts'
import type { PythonObject } from '../python-object.ts'
import { argMax, share, withFirst } from './class-scores.ts'
import {
  type Block,
  concatenate,
  type Flow,
  type Prediction,
  type Predictor,
  pick,
} from './flow.ts'
import { interpolate } from './interpolate.ts'
import { sigmoid } from './linear.ts'

export const calibrated: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const members = membersOf(object).map(({ estimator, calibrators }) => {
    const scores = scoresOf(flow, flow.predict(input, estimator), calibrators.length, object)
    const columns = calibrators.map((calibrator, at) => ({
      value: calibrate(flow, pick(flow, scores, [at], object).value, calibrator),
      width: 1,
    }))
    const { value } = concatenate(flow, columns)
    return classes.length === 2 ? withFirst(flow, value) : share(flow, value, classes.length)
  })
  const sum = members.reduce((all, value) => flow.op('Add', [all, value]))
  const probabilities =
    members.length === 1 ? sum : flow.op('Div', [sum, flow.scalar(members.length)])
  return { classes, probabilities, label: argMax(flow, probabilities) }
}

/** decision_function, else predict_proba; of two classes the second. */
function scoresOf(
  flow: Flow,
  prediction: Prediction,
  columns: number,
  object: PythonObject,
): Block {
  const { scores, probabilities, classes } = prediction
  if (scores?.width === columns) return scores
  if (probabilities === undefined || classes === null)
    refuse(object, 'its classifier has no scores')
  const all = { value: probabilities, width: classes.length }
  return columns === 1 ? pick(flow, all, [1], object) : all
}

function calibrate(flow: Flow, value: string, calibrator: PythonObject): string {
  const platt = sigmoidOf(calibrator)
  if (platt !== null) {
    const scaled = flow.op('Mul', [value, flow.scalar(-platt.a)])
    return sigmoid(flow, flow.op('Add', [scaled, flow.scalar(-platt.b)]))
  }
  if (calibrator.kind !== 'IsotonicRegression')
    refuse(calibrator, 'it is no calibrator that is known')
  if (attribute(calibrator, 'out_of_bounds') !== 'clip') refuse(calibrator, 'it does not clip')
  const x = vectorOf(calibrator, 'X_thresholds_')
  const y = vectorOf(calibrator, 'y_thresholds_')
  if (x.length !== y.length || x.length === 0) refuse(calibrator, 'it is damaged')
  return interpolate(flow, value, x, y)
}
