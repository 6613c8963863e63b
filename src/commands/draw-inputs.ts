// Inputs for a model of which nothing is known but its ports: the same numbers each time.
import type { GraphPort } from '../engine/runtime.ts'
import type { Tensor, TensorArray, Tensors } from '../tensor/tensor.ts'

/** What a free dimension other than the batch is given; steps of a sequence, say. */
const FREE_DIMENSION = 32

/** Floats from 0 to 1, whole numbers 0 or 1, one row of each input. */
export function drawInputs(ports: readonly GraphPort[]): Tensors {
  let state = 42
  const draw = (): number => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return Object.fromEntries(ports.map((port) => [port.name, drawInput(port, draw)]))
}

function drawInput({ type, shape }: GraphPort, draw: () => number): Tensor {
  const dims = shape.map((dim, axis) => dim ?? (axis === 0 ? 1 : FREE_DIMENSION))
  const length = dims.reduce((all, dim) => all * dim, 1)
  return { type, dims, data: drawArray(type, length, draw) }
}

function drawArray(type: Tensor['type'], length: number, draw: () => number): TensorArray {
  const bit = (): number => (draw() < 0.5 ? 0 : 1)
  const from = { length }
  if (type === 'float32') return Float32Array.from(from, draw)
  if (type === 'float64') return Float64Array.from(from, draw)
  if (type === 'int64') return BigInt64Array.from(from, () => BigInt(bit()))
  if (type === 'int32') return Int32Array.from(from, bit)
  if (type === 'uint32') return Uint32Array.from(from, bit)
  if (type === 'int16') return Int16Array.from(from, bit)
  if (type === 'uint16') return Uint16Array.from(from, bit)
  return type === 'int8' ? Int8Array.from(from, bit) : Uint8Array.from(from, bit)
}
