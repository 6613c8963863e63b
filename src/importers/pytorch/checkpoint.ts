// A file of weights, of any of PyTorch's formats → its state dict: name of a parameter → tensor.
import { DugaError } from '../../errors.ts'
import { decodeSafetensors } from '../../tensor/safetensors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { PickleError } from '../pickle/cursor.ts'
import { isLegacy, readLegacyCheckpoint } from './legacy.ts'
import { readZipCheckpoint } from './zip-checkpoint.ts'

export interface Checkpoint {
  /** Contiguous; halves come as float32. */
  readonly state: ReadonlyMap<string, Tensor>
  /** Names of entries that are no weights. */
  readonly ignored: readonly string[]
}

export type CheckpointFormat = 'legacy' | 'zip' | 'safetensors'

/** What wrappers put before every name: of several devices, of torch.compile, of a Lightning module. */
const PREFIXES = ['module.', '_orig_mod.', 'model.']
const MOST_PREFIXES = 4

/** By its first bytes; of a zip archive only that it is one. */
export function checkpointFormat(head: Uint8Array): CheckpointFormat {
  if (isLegacy(head)) return 'legacy'
  return head[0] === 0x50 && head[1] === 0x4b ? 'zip' : 'safetensors'
}

/**
 * Nothing in the file is executed. Prefixes that all names share are taken off.
 *
 * @throws DugaError model.unreadable where it is damaged; model.needs-export where it holds more than weights
 */
export async function readCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const { state, ignored } = await read(bytes)
  return { state: withoutPrefix(state), ignored }
}

async function read(bytes: Uint8Array): Promise<Checkpoint> {
  const format = checkpointFormat(bytes)
  try {
    if (format === 'legacy') return readLegacyCheckpoint(bytes)
    if (format === 'zip') return await readZipCheckpoint(bytes)
    return { state: new Map(Object.entries(decodeSafetensors(bytes))), ignored: [] }
  } catch (cause) {
    if (cause instanceof PickleError && /^the file asks for /.test(cause.message)) {
      const reason = `${cause.message}: it was saved with more than its weights, and nothing in it is executed`
      throw new DugaError('model.needs-export', { reason }, { cause })
    }
    if (!(cause instanceof PickleError || cause instanceof RangeError)) throw cause
    throw new DugaError('model.unreadable', { reason: cause.message }, { cause })
  }
}

function withoutPrefix(state: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  let bare = state
  for (let taken = 0; taken < MOST_PREFIXES && bare.size > 0; taken += 1) {
    const names = [...bare.keys()]
    const prefix = PREFIXES.find((start) => names.every((name) => name.startsWith(start)))
    if (prefix === undefined) break
    bare = new Map([...bare].map(([name, tensor]) => [name.slice(prefix.length), tensor]))
  }
  return bare
}
