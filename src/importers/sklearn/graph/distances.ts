// Distances of rows to stored rows.
import { type Matrix, refuse } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import { rowSum } from './class-scores.ts'
import { type Block, type Flow, product } from './flow.ts'

/** Σ (x - v)², multiplied out: one product rather than a block of rows × vectors × features. [N, vectors] */
export function squaredDistances(
  flow: Flow,
  input: Block,
  vectors: Matrix,
  object: PythonObject,
): string {
  const { rows, columns, data } = vectors
  // Around the vectors' mean, so that the squares are small beside their differences.
  const mean = new Float64Array(columns)
  for (let at = 0; at < data.length; at += 1) mean[at % columns]! += data[at]! / rows
  const centred = { ...vectors, data: data.map((value, at) => value - mean[at % columns]!) }
  const squares = new Float64Array(rows)
  for (let at = 0; at < data.length; at += 1) {
    squares[Math.floor(at / columns)]! += centred.data[at]! ** 2
  }
  if (columns !== input.width) refuse(object, `it was fitted on ${columns} features`)
  const moved = flow.op('Sub', [input.value, flow.constant(mean, [1, columns])])
  const own = rowSum(flow, flow.op('Mul', [moved, moved]))
  const dots = product(flow, { ...input, value: moved }, centred, null, object).value
  const sum = flow.op('Add', [own, flow.constant(squares, [1, rows])])
  const away = flow.op('Sub', [sum, flow.op('Mul', [dots, flow.scalar(2)])])
  return flow.op('Max', [away, flow.scalar(0)])
}

/** As stored rows are far or near by one of scikit-learn's metrics, feature by feature. [N, vectors] */
export function exactDistances(
  flow: Flow,
  input: Block,
  vectors: Matrix,
  {
    metric,
    power,
    object,
  }: { readonly metric: string; readonly power: number; readonly object: PythonObject },
): string {
  const { rows, columns, data } = vectors
  if (columns !== input.width) refuse(object, `it was fitted on ${columns} features`)
  if (metric === 'cosine') return cosine(flow, input, vectors, object)
  const each = flow.op('Unsqueeze', [input.value, flow.whole([1])])
  const apart = flow.op('Abs', [flow.op('Sub', [each, flow.constant(data, [1, rows, columns])])])
  const add = (value: string) => flow.op('ReduceSum', [value, flow.whole([2])], { keepdims: 0 })
  if (metric === 'chebyshev') return flow.op('ReduceMax', [apart], { axes: [2], keepdims: 0 })
  if (metric === 'manhattan' || power === 1) return add(apart)
  if (metric === 'euclidean' || power === 2) {
    return flow.op('Sqrt', [add(flow.op('Mul', [apart, apart]))])
  }
  const raised = add(flow.op('Pow', [apart, flow.scalar(power)]))
  return flow.op('Pow', [raised, flow.scalar(1 / power)])
}

function cosine(flow: Flow, input: Block, vectors: Matrix, object: PythonObject): string {
  const { columns } = vectors
  const data = new Float64Array(vectors.data.length)
  for (let row = 0; row < vectors.rows; row += 1) {
    const own = vectors.data.subarray(row * columns, (row + 1) * columns)
    const length = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0)) || 1
    for (let at = 0; at < columns; at += 1) data[row * columns + at] = own[at]! / length
  }
  const length = flow.op('Sqrt', [rowSum(flow, flow.op('Mul', [input.value, input.value]))])
  const none = flow.op('Equal', [length, flow.scalar(0)])
  const unit = flow.op('Div', [input.value, flow.op('Where', [none, flow.scalar(1), length])])
  const same = product(flow, { ...input, value: unit }, { ...vectors, data }, null, object).value
  return flow.op('Sub', [flow.scalar(1), same])
}
