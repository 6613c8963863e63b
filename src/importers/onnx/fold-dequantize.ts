// Replaces quantised weights by their float32 values: every DequantizeLinear over constants, and
// the Reshape of its result, becomes an initializer. For files in formats that onnxruntime refuses
// (a block_size beside one scale for all).
import { DugaError } from '../../errors.ts'
import { intOf } from '../../onnx/attribute.ts'
import type { ModelProto, NodeProto, TensorProto } from '../../onnx/proto.ts'
import { fromTensorProto, toTensorProto } from '../../onnx/tensor-proto.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/**
 * The same model with float32 weights. Initializers that nothing reads any more are dropped, as are
 * the shapes of intermediate values.
 *
 * @throws DugaError `model.unreadable` when scales do not fit their weights
 */
export function foldDequantize(model: ModelProto): ModelProto {
  const graph = model.graph!
  const constants = new Map(graph.initializer.map((proto) => [proto.name ?? '', proto]))
  const node = graph.node.filter((candidate) => {
    const inputs = candidate.input.map((name) => constants.get(name))
    if (!inputs.every((input) => input !== undefined)) return true
    const folded = fold(candidate, inputs.map(fromTensorProto))
    if (folded === null) return true
    const name = candidate.output[0]!
    constants.set(name, toTensorProto(name, folded))
    return false
  })
  const read = new Set(node.flatMap(({ input }) => input))
  const initializer: TensorProto[] = [...constants.values()].filter(({ name }) => read.has(name!))
  return { ...model, graph: { ...graph, node, initializer, valueInfo: [] } }
}

function fold(node: NodeProto, inputs: readonly Tensor[]): Tensor | null {
  const [first, second, third] = inputs
  if (node.opType === 'DequantizeLinear') return dequantize(node, first!, second!, third)
  if (node.opType === 'Reshape') return reshape(first!, second!)
  return null
}

/**
 * (x − zero point) · scale, with one scale for all, one an index of the axis, or one a block along
 * it.
 */
function dequantize(node: NodeProto, x: Tensor, scale: Tensor, zero: Tensor | undefined): Tensor {
  const rank = x.dims.length
  const axis = (intOf(node, 'axis', 1) + rank) % Math.max(rank, 1)
  const block = intOf(node, 'block_size', 0)
  const inner = x.dims.slice(axis + 1).reduce((all, dim) => all * dim, 1)
  const length = x.dims[axis] ?? 1
  const scaleAt = scaleIndex(scale, { inner, length, block })
  const data = new Float32Array(x.data.length)
  for (let index = 0; index < data.length; index += 1) {
    const at = scaleAt(index)
    if (at >= scale.data.length) refuse(node, 'has too few scales')
    const offset = Number(zero?.data[at] ?? 0)
    data[index] = (Number(x.data[index]) - offset) * Number(scale.data[at])
  }
  return { type: 'float32', dims: x.dims, data }
}

/** Element of x → element of its scales. */
function scaleIndex(
  scale: Tensor,
  { inner, length, block }: { inner: number; length: number; block: number },
): (index: number) => number {
  if (scale.data.length === 1) return () => 0
  if (block === 0) return (index) => Math.floor(index / inner) % length
  const blocks = Math.ceil(length / block)
  return (index) => {
    const along = Math.floor(index / inner) % length
    const outer = Math.floor(index / (inner * length))
    return (outer * blocks + Math.floor(along / block)) * inner + (index % inner)
  }
}

/** ONNX Reshape: 0 copies a dimension, −1 is what is left. */
function reshape(x: Tensor, shape: Tensor): Tensor {
  const dims = Array.from(shape.data, Number).map((dim, axis) => (dim === 0 ? x.dims[axis]! : dim))
  const known = dims.filter((dim) => dim !== -1).reduce((all, dim) => all * dim, 1)
  return { ...x, dims: dims.map((dim) => (dim === -1 ? x.data.length / known : dim)) }
}

function refuse(node: NodeProto, problem: string): never {
  throw new DugaError('model.unreadable', { reason: `node "${node.output[0]}" ${problem}` })
}
