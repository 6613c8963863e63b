// What classifiers of several families do with their scores.
import { refuse } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import type { Block, Flow, Prediction } from './flow.ts'

/** int64 [N]: index of the highest column; of equal ones the first. */
export function argMax(flow: Flow, value: string): string {
  return flow.op('ArgMax', [value], { axis: 1, keepdims: 0 })
}

/** One column: whether it is above the threshold; several: the highest. */
export function labelOf(flow: Flow, scores: Block, threshold = 0): string {
  if (scores.width > 1) return argMax(flow, scores.value)
  const above = flow.op('Greater', [scores.value, flow.scalar(threshold)])
  return flow.op('Reshape', [flow.cast(above, 'int64'), flow.whole([-1])])
}

/** [N, 1] of the second of two classes → [N, 2]. */
export function withFirst(flow: Flow, second: string): string {
  const first = flow.op('Sub', [flow.scalar(1), second])
  return flow.op('Concat', [first, second], { axis: 1 })
}

/** [N, 1] → itself and its mirror image. */
export function withMirror(flow: Flow, column: string): string {
  return flow.op('Concat', [flow.op('Neg', [column]), column], { axis: 1 })
}

/** Rows divided by their sums; a row of zeros becomes uniform. */
export function share(flow: Flow, value: string, classes: number): string {
  const total = rowSum(flow, value)
  const none = flow.op('Equal', [total, flow.scalar(0)])
  const safe = flow.op('Where', [none, flow.scalar(1), total])
  const shared = flow.op('Div', [value, safe])
  return flow.op('Where', [none, flow.scalar(1 / classes), shared])
}

/** [N, 1] */
export function rowSum(flow: Flow, value: string): string {
  return flow.op('ReduceSum', [value, flow.whole([1])], { keepdims: 1 })
}

export function rowMax(flow: Flow, value: string): string {
  return flow.op('ReduceMax', [value], { axes: [1], keepdims: 1 })
}

/** @throws DugaError where a part answers with other than probabilities of these classes */
export function probabilitiesOf(
  prediction: Prediction,
  classes: number,
  object: PythonObject,
): string {
  if (prediction.probabilities === undefined || prediction.classes?.length !== classes) {
    return refuse(object, 'a part of it has no probabilities of the same classes')
  }
  return prediction.probabilities
}
