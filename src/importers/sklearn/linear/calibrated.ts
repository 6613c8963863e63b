// CalibratedClassifierCV in all its versions: its members, each a classifier and a calibrator a class.
import { attribute, numberOf, objectsOf, refuse } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import { PythonObject } from '../python-object.ts'

export interface CalibratedMember {
  readonly estimator: PythonObject
  /** One a class, or one where there are two classes. */
  readonly calibrators: readonly PythonObject[]
}

/** @throws DugaError where a member does not know the same classes */
export function membersOf(object: PythonObject): readonly CalibratedMember[] {
  const classes = classesOf(object)
  const members = objectsOf(object, 'calibrated_classifiers_').map((member) => {
    const estimator = attribute(member, 'estimator') ?? attribute(member, 'base_estimator')
    if (!(estimator instanceof PythonObject)) return refuse(member, 'it holds no classifier')
    const old = attribute(member, 'calibrators') === null
    const calibrators = objectsOf(member, old ? 'calibrators_' : 'calibrators')
    const known = classesOf(estimator)
    if (known.length !== classes.length || known.some((name, at) => name !== classes[at])) {
      refuse(object, 'one of its folds lacks a class')
    }
    if (calibrators.length !== (classes.length === 2 ? 1 : classes.length)) {
      refuse(object, `it has ${calibrators.length} calibrators for ${classes.length} classes`)
    }
    return { estimator, calibrators }
  })
  if (members.length === 0) refuse(object, 'it was not fitted before it was saved')
  return members
}

/** Platt's: 1 / (1 + exp(a·x + b)). null for isotonic ones. */
export function sigmoidOf(calibrator: PythonObject): { a: number; b: number } | null {
  if (calibrator.kind !== '_SigmoidCalibration') return null
  return { a: numberOf(calibrator, 'a_'), b: numberOf(calibrator, 'b_') }
}
