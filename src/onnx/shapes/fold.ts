// Values of nodes that compute with whole numbers known in advance: what exporters write around Reshape (Shape →
// Gather → Concat). Floats are left to the runtime.

import type { Tensor } from '../../tensor/tensor.ts'
import { fromTensorProto } from '../tensor-proto.ts'
import { sliceRanges } from './layout.ts'
import { axisOf, type ShapeContext, sizeOf, type Value } from './rule.ts'

const LIMIT = 4096

type Fold = (
  context: ShapeContext,
  inputs: readonly (readonly number[])[],
) => readonly number[] | null

/** The elements of the node's one output, where they are whole numbers that follow from its constant inputs. */
export function foldConstant(context: ShapeContext, output: Value): Tensor | undefined {
  const { opType = '' } = context.node
  const fold = FOLDS[opType]
  if (fold === undefined || sizeOf(output.shape) > LIMIT || !isWhole(output.type)) return undefined
  const inputs: (readonly number[])[] = []
  if (opType !== 'Shape' && opType !== 'Size') {
    for (const value of context.inputs) {
      if (value === undefined) continue
      const { constant } = value
      if (constant === undefined || (!isWhole(constant.type) && opType !== 'Cast')) return undefined
      inputs.push(Array.from(constant.data, Number))
    }
  }
  const values = fold(context, inputs)
  return values === null ? undefined : toTensor(output, values)
}

const isWhole = (type: string): boolean => type === 'int64' || type === 'int32' || type === 'bool'

const binary =
  (combine: (a: number, b: number) => number): Fold =>
  (_, [a, b]) => {
    // Enough for shapes: equal lengths, or one number against many.
    const length = Math.max(a!.length, b!.length)
    if (![1, length].includes(a!.length) || ![1, length].includes(b!.length)) return null
    return Array.from({ length }, (_, i) => combine(a![i % a!.length]!, b![i % b!.length]!))
  }

const same: Fold = (_, [values]) => values!

const FOLDS: Readonly<Record<string, Fold>> = {
  Shape: (context) => {
    const { shape } = context.input(0)
    const rank = shape.length
    const start = axisOf(context.int('start', 0), rank)
    return shape.slice(start, axisOf(context.int('end', rank), rank))
  },
  Size: (context) => [sizeOf(context.input(0).shape)],
  Identity: same,
  Reshape: same,
  Squeeze: same,
  Unsqueeze: same,
  Cast: (_, [values]) => values!.map(Math.trunc),
  Gather: (context, [values, indices]) =>
    context.input(0).shape.length === 1 ? indices!.map((i) => values!.at(i)!) : null,
  Concat: (context, inputs) => (context.input(0).shape.length === 1 ? inputs.flat() : null),
  Slice: (context, [values]) => {
    if (context.input(0).shape.length !== 1) return null
    const { start, step, count } = sliceRanges(context)[0]!
    return Array.from({ length: count }, (_, i) => values![start + i * step]!)
  },
  ConstantOfShape: (context) => {
    const fill = context.node.attribute.find(({ name }) => name === 'value')?.t
    const value = fill === undefined ? 0 : Number(fromTensorProto(fill).data[0])
    return Array<number>(sizeOf(context.longs(0)!)).fill(value)
  },
  ReduceProd: (context, [values]) =>
    context.input(0).shape.length === 1 ? [sizeOf(values!)] : null,
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => Math.trunc(a / b)),
  Max: binary(Math.max),
  Min: binary(Math.min),
  Equal: binary((a, b) => (a === b ? 1 : 0)),
  Where: (_, [condition, yes, no]) =>
    condition!.map((value, i) => (value ? yes![i % yes!.length]! : no![i % no!.length]!)),
}

function toTensor({ type, shape }: Value, values: readonly number[]): Tensor {
  if (type === 'int64') return { type, dims: shape, data: BigInt64Array.from(values, BigInt) }
  if (type === 'int32') return { type, dims: shape, data: Int32Array.from(values) }
  return { type: 'bool', dims: shape, data: Uint8Array.from(values) }
}
