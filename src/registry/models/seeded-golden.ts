// The golden file of a model that was not trained here: an input, and what the model makes of it on
// this machine. An input that is there already (a photograph, say) is kept; else one is drawn from
// a seed.
import type { GraphPort, Session } from '../../engine/runtime.ts'
import { decodeSafetensors, encodeSafetensors } from '../../tensor/safetensors.ts'
import type { Tensor, Tensors } from '../../tensor/tensor.ts'

/** Processors differ in the order of their sums; a wrong model differs by far more. */
export const GOLDEN_TOLERANCE = 1e-3

/** @param earlier a golden file whose `input.<name>` are used again */
export async function createGolden(
  session: Session,
  earlier: Uint8Array | null,
): Promise<Uint8Array> {
  const kept = earlier === null ? {} : decodeSafetensors(earlier)
  const feeds: Record<string, Tensor> = {}
  for (const port of session.inputs) {
    feeds[port.name] = kept[`input.${port.name}`] ?? drawInput(port)
  }
  const outputs = await session.run(feeds)
  return encodeSafetensors({ ...prefixed('input', feeds), ...prefixed('output', outputs) })
}

/**
 * Values of 0 to 255 that change slowly along the tensor, with noise: nearer to a picture than
 * noise alone.
 */
function drawInput(port: GraphPort): Tensor {
  const dims = port.shape.map((dim) => dim ?? 1)
  const size = dims.reduce((all, dim) => all * dim, 1)
  const data = port.type === 'uint8' ? new Uint8Array(size) : new Float32Array(size)
  if (port.type !== 'uint8' && port.type !== 'float32') {
    throw new TypeError(`Input ${port.name} is ${port.type}: no golden input can be drawn for it.`)
  }
  let state = 42
  for (let index = 0; index < size; index += 1) {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[index] = Math.floor(96 + 64 * Math.sin(index / 997) + (state >>> 24) / 3)
  }
  return { type: port.type, dims, data }
}

function prefixed(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]),
  )
}
