// Rows of tensors: joining, cutting, counting. A row is one index of every tensor's first dimension.
import type { Tensor, TensorArray, Tensors } from '../tensor/tensor.ts'

/** Joins along the first dimension, tensor by tensor. All parts have the same names, types and trailing shapes. */
export function concatRows(parts: readonly Tensors[]): Tensors {
  const [first] = parts
  if (first === undefined) throw new RangeError('no rows to join')
  if (parts.length === 1) return first
  const joined: Record<string, Tensor> = {}
  for (const name of Object.keys(first)) joined[name] = concat(parts.map((part) => part[name]!))
  return joined
}

/** Copies of the rows `start` ≤ i < `end`. */
export function sliceRows(tensors: Tensors, start: number, end: number): Tensors {
  const cut: Record<string, Tensor> = {}
  for (const [name, { type, dims, data }] of Object.entries(tensors)) {
    const width = data.length / dims[0]!
    cut[name] = {
      type,
      dims: [end - start, ...dims.slice(1)],
      data: data.slice(start * width, end * width),
    }
  }
  return cut
}

/** Equal for items that may share a batch: names, types and all dimensions but the first. */
export function batchSignature(feeds: Tensors): string {
  let signature = ''
  for (const name in feeds) {
    const { type, dims } = feeds[name]!
    signature += `${name}:${type}`
    for (let axis = 1; axis < dims.length; axis += 1) signature += `,${dims[axis]}`
    signature += ';'
  }
  return signature
}

function concat(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors as [Tensor]
  const length = tensors.reduce((sum, { data }) => sum + data.length, 0)
  const rows = tensors.reduce((sum, { dims }) => sum + dims[0]!, 0)
  const data = new (first.data.constructor as new (length: number) => TensorArray)(length)
  let offset = 0
  for (const tensor of tensors) {
    // Number and bigint arrays never mix: the parts have one type.
    data.set(tensor.data as Float32Array & BigInt64Array, offset)
    offset += tensor.data.length
  }
  return { type: first.type, dims: [rows, ...first.dims.slice(1)], data }
}
