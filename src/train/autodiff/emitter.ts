// Adds nodes to a graph under construction, with constants made once each.

import type { Attributes } from '../../onnx/attribute.ts'
import type { GraphBuilder } from '../../onnx/graph.ts'
import type { Tensor } from '../../tensor/tensor.ts'

export interface Emitter {
  node(op: string, inputs: readonly string[], attributes?: Attributes): string
  nodes(op: string, inputs: readonly string[], count: number, attributes?: Attributes): string[]
  /** A float32 constant without dimensions. */
  scalar(value: number): string
  /** An int64 constant [n], such as axes or a shape. */
  longs(values: readonly number[]): string
  constant(name: string, tensor: Tensor): string
  /** Zeros of a shape, made when the graph runs: they take no room in the file. */
  zeros(shape: readonly number[]): string
}

export function createEmitter(graph: GraphBuilder): Emitter {
  const constants = new Map<string, string>()
  const once = (key: string, make: () => string): string => {
    const name = constants.get(key) ?? make()
    constants.set(key, name)
    return name
  }
  const emitter: Emitter = {
    node: (op, inputs, attributes) => graph.node(op, inputs, attributes),
    nodes: (op, inputs, count, attributes) => graph.nodes(op, inputs, count, attributes),
    scalar: (value) =>
      once(`f${value}`, () =>
        graph.initializer('scalar', { type: 'float32', dims: [], data: Float32Array.of(value) }),
      ),
    longs: (values) =>
      once(`l${values}`, () =>
        graph.initializer('longs', {
          type: 'int64',
          dims: [values.length],
          data: BigInt64Array.from(values, BigInt),
        }),
      ),
    constant: (name, tensor) => graph.initializer(name, tensor),
    zeros: (shape) =>
      once(`z${shape}`, () => graph.node('ConstantOfShape', [emitter.longs(shape)])),
  }
  return emitter
}
