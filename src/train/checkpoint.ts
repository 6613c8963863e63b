// The state of a training as a safetensors file: weights, what the optimiser keeps for each, and how far it is.

import { DugaError } from '../errors.ts'
import { decodeSafetensors, safetensorsParts } from '../tensor/safetensors.ts'
import type { Tensor, Tensors } from '../tensor/tensor.ts'
import type { Arrays, OptimiserState } from './optimisers/optimiser.ts'

export interface TrainingState {
  readonly weights: Tensors
  readonly optimiser: OptimiserState
  /** Steps taken. */
  readonly count: number
}

const COUNTS = 'counts'

/** The same state always gives the same bytes, in parts that share its memory. */
export function stateParts({ weights, optimiser, count }: TrainingState): Uint8Array[] {
  const tensors: Record<string, Tensor> = {
    [COUNTS]: {
      type: 'int64',
      dims: [2],
      data: BigInt64Array.of(BigInt(count), BigInt(optimiser.count)),
    },
  }
  for (const [name, tensor] of Object.entries(weights)) tensors[`weight/${name}`] = tensor
  for (const [slot, arrays] of Object.entries(optimiser.slots)) {
    for (const [name, data] of Object.entries(arrays)) {
      tensors[`${slot}/${name}`] = { type: 'float32', dims: [data.length], data }
    }
  }
  return safetensorsParts(tensors)
}

/**
 * Reads a state back.
 *
 * @param like a state of the same training, whose names and sizes the file must have
 * @throws DugaError `training.state` where it does not fit
 */
export function decodeState(
  bytes: Uint8Array,
  like: Pick<TrainingState, 'weights' | 'optimiser'>,
): TrainingState {
  const tensors = read(bytes)
  const expected = new Map<string, number>([[COUNTS, 2]])
  for (const [name, { data }] of Object.entries(like.weights)) {
    expected.set(`weight/${name}`, data.length)
  }
  for (const [slot, arrays] of Object.entries(like.optimiser.slots)) {
    for (const [name, { length }] of Object.entries(arrays)) expected.set(`${slot}/${name}`, length)
  }
  for (const [name, length] of expected) {
    const found = tensors[name]?.data.length
    if (found !== length) refuse(`"${name}" has ${found ?? 'no'} elements, not ${length}`)
  }
  const extra = Object.keys(tensors).find((name) => !expected.has(name))
  if (extra !== undefined) refuse(`"${extra}" is not part of it`)
  const [count, updates] = Array.from(tensors[COUNTS]!.data, Number) as [number, number]
  const slots = Object.entries(like.optimiser.slots).map(
    ([slot, arrays]) => [slot, pick(tensors, slot, Object.keys(arrays))] as const,
  )
  return {
    weights: Object.fromEntries(
      Object.keys(like.weights).map((name) => [name, tensors[`weight/${name}`]!]),
    ),
    optimiser: { count: updates, slots: Object.fromEntries(slots) },
    count,
  }
}

const pick = (tensors: Tensors, slot: string, names: readonly string[]): Arrays =>
  Object.fromEntries(names.map((name) => [name, tensors[`${slot}/${name}`]!.data as Float32Array]))

function read(bytes: Uint8Array): Tensors {
  try {
    return decodeSafetensors(bytes)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DugaError('training.state', { reason }, { cause })
  }
}

function refuse(reason: string): never {
  throw new DugaError('training.state', { reason })
}
