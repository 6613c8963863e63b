// What a shape rule is given: a node with its inputs' types and shapes, and the constants among them.

import { DugaError } from '../../errors.ts'
import type { Tensor, TensorType } from '../../tensor/tensor.ts'
import { floatOf, intOf, intsOf } from '../attribute.ts'
import type { NodeProto } from '../proto.ts'

/** A value of a graph: its element type and its shape, every dimension fixed. */
export interface Value {
  readonly type: TensorType
  readonly shape: readonly number[]
  /** Known where the value does not depend on the inputs; kept for initializers and for small whole numbers. */
  readonly constant?: Tensor | undefined
}

export interface ShapeContext {
  readonly node: NodeProto
  /** undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[]
  /** @throws DugaError `model.unknown-shape` where the input is missing */
  input(index: number): Value
  /** An input that holds whole numbers known in advance, such as axes; undefined where it is left out. */
  longs(index: number): number[] | undefined
  int(name: string, otherwise: number): number
  ints(name: string, otherwise: readonly number[]): number[]
  float(name: string, otherwise: number): number
  fail(reason: string): never
}

/** The outputs of one operator. */
export type ShapeRule = (context: ShapeContext) => readonly Value[]

export function createShapeContext(
  node: NodeProto,
  inputs: readonly (Value | undefined)[],
): ShapeContext {
  const fail = (reason: string): never => refuseShape(node, reason)
  const context: ShapeContext = {
    node,
    inputs,
    input: (index) => inputs[index] ?? fail(`input ${index} is missing`),
    longs: (index) => {
      const value = inputs[index]
      if (value === undefined) return undefined
      if (value.constant === undefined) fail(`it depends on the numbers in "${node.input[index]}"`)
      return Array.from(value.constant!.data, Number)
    },
    int: (name, otherwise) => intOf(node, name, otherwise),
    ints: (name, otherwise) => intsOf(node, name, otherwise),
    float: (name, otherwise) => floatOf(node, name, otherwise),
    fail,
  }
  return context
}

export function refuseShape(node: NodeProto, reason: string): never {
  throw new DugaError('model.unknown-shape', {
    node: node.name ?? node.output[0] ?? '',
    op: node.opType ?? '',
    reason,
  })
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((all, dim) => all * dim, 1)

/** A negative axis counts from the end. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** numpy's rule: shapes are aligned at their last dimension; 1 stretches. Undefined where they do not fit. */
export function broadcastShapes(
  a: readonly number[],
  b: readonly number[],
): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) return undefined
    shape.push(x === 1 ? y : x)
  }
  return shape
}
