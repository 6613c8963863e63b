// Probabilities of pairs → probabilities of classes, as libsvm's multiclass_probability (Wu, Lin, Weng 2004, second method).

import type { GraphProto } from '../../../onnx/proto.ts'
import { createFlow, type Flow } from './flow.ts'

const LEAST = 1e-7

/**
 * libsvm iterates up to 100 times until an error below 0.005 / classes; how often differs by row, so here rows that are done
 * stay as they are while the others go on.
 *
 * @param pairs [N, classes · (classes - 1) / 2]: that the first of each pair is the one
 * @returns [N, classes]
 */
export function coupled(flow: Flow, pairs: string, classes: number): string {
  const safe = flow.op('Clip', [pairs, flow.scalar(LEAST), flow.scalar(1 - LEAST)])
  const { matrix, diagonal } = quadratic(flow, safe, classes)
  const start = flow.op('Add', [
    flow.op('Mul', [diagonal, flow.scalar(0)]),
    flow.scalar(1 / classes),
  ])
  const body = { graph: roundOf(matrix, diagonal, classes) }
  const rounds = flow.graph.initializer('rounds', {
    type: 'int64',
    dims: [],
    data: BigInt64Array.of(BigInt(Math.max(100, classes))),
  })
  return flow.op('Loop', [rounds, '', start], { body })
}

/** The body of the loop: rows whose error is small enough stay as they are. */
function roundOf(matrix: string, diagonal: string, classes: number): GraphProto {
  const flow = createFlow({ transformers: {}, predictors: {} }, 'coupling.')
  flow.graph.input('coupling.round', 'int64', [])
  flow.graph.input('coupling.go', 'bool', [])
  const p = flow.graph.input('coupling.p', 'float64', ['N', classes])
  const products = times(flow, matrix, p)
  const quality = sum(flow, flow.op('Mul', [p, products]))
  const away = flow.op('Abs', [flow.op('Sub', [products, quality])])
  const error = flow.op('ReduceMax', [away], { axes: [1], keepdims: 1 })
  const open = flow.op('GreaterOrEqual', [error, flow.scalar(0.005 / classes)])
  const next = sweep(flow, { matrix, diagonal, p, products, quality }, classes)
  const any = flow.op('ReduceMax', [flow.cast(open, 'int32')], { keepdims: 0 })
  flow.graph.output(flow.cast(any, 'bool'), 'coupling.more', 'bool', [])
  flow.graph.output(flow.op('Where', [open, next, p]), 'coupling.next', 'float64', ['N', classes])
  return flow.graph.toGraph()
}

interface State {
  readonly matrix: string
  readonly diagonal: string
  readonly p: string
  readonly products: string
  readonly quality: string
}

/** One round of libsvm: class after class, each change seen by the next. */
function sweep(flow: Flow, state: State, classes: number): string {
  let { p, products, quality } = state
  for (let kind = 0; kind < classes; kind += 1) {
    const column = (value: string) => flow.op('Gather', [value, flow.whole([kind])], { axis: 1 })
    const own = column(state.diagonal)
    const change = flow.op('Div', [flow.op('Sub', [quality, column(products)]), own])
    const unit = flow.constant(
      Float64Array.from({ length: classes }, (_, at) => (at === kind ? 1 : 0)),
      [1, classes],
    )
    const scale = flow.op('Add', [change, flow.scalar(1)])
    const row = flow.op('Squeeze', [
      flow.op('Gather', [state.matrix, flow.whole([kind])], { axis: 1 }),
      flow.whole([1]),
    ])
    const twice = flow.op('Mul', [column(products), flow.scalar(2)])
    const inner = flow.op('Add', [flow.op('Mul', [change, own]), twice])
    const raised = flow.op('Add', [quality, flow.op('Mul', [change, inner])])
    quality = flow.op('Div', [flow.op('Div', [raised, scale]), scale])
    products = flow.op('Div', [flow.op('Add', [products, flow.op('Mul', [change, row])]), scale])
    p = flow.op('Div', [flow.op('Add', [p, flow.op('Mul', [change, unit])]), scale])
  }
  return p
}

/** Q[t][t] = Σ r[j][t]², Q[t][j] = -r[j][t] r[t][j]; [N, classes, classes] and its diagonal. */
function quadratic(
  flow: Flow,
  pairs: string,
  classes: number,
): { readonly matrix: string; readonly diagonal: string } {
  const count = (classes * (classes - 1)) / 2
  const rest = flow.op('Sub', [flow.scalar(1), pairs])
  const squares = [pairs, rest].map((value) => flow.op('Mul', [value, value])) as [string, string]
  const mixed = flow.op('Neg', [flow.op('Mul', [pairs, rest])])
  // r[i][j] is the pair's, r[j][i] the rest; Q[i][i] has r[j][i]², Q[j][j] has r[i][j]².
  const toOne = new Float64Array(count * classes)
  const toOther = new Float64Array(count * classes)
  const off = new Float64Array(count * classes * classes)
  let pair = 0
  for (let one = 0; one < classes; one += 1) {
    for (let other = one + 1; other < classes; other += 1) {
      toOne[pair * classes + one] = 1
      toOther[pair * classes + other] = 1
      off[(pair * classes + one) * classes + other] = 1
      off[(pair * classes + other) * classes + one] = 1
      pair += 1
    }
  }
  const diagonal = flow.op('Add', [
    flow.op('MatMul', [squares[1], flow.constant(toOne, [count, classes])]),
    flow.op('MatMul', [squares[0], flow.constant(toOther, [count, classes])]),
  ])
  const identity = Float64Array.from({ length: classes * classes }, (_, at) =>
    at % (classes + 1) === 0 ? 1 : 0,
  )
  const flat = flow.op('MatMul', [mixed, flow.constant(off, [count, classes * classes])])
  const square = flow.op('Reshape', [flat, flow.whole([-1, classes, classes])])
  const spread = flow.op('Mul', [
    flow.op('Unsqueeze', [diagonal, flow.whole([2])]),
    flow.constant(identity, [1, classes, classes]),
  ])
  return { matrix: flow.op('Add', [square, spread]), diagonal }
}

function times(flow: Flow, matrix: string, p: string): string {
  const column = flow.op('Unsqueeze', [p, flow.whole([2])])
  return flow.op('Squeeze', [flow.op('MatMul', [matrix, column]), flow.whole([2])])
}

const sum = (flow: Flow, value: string): string =>
  flow.op('ReduceSum', [value, flow.whole([1])], { keepdims: 1 })
