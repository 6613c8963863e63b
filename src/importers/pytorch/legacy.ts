// PyTorch's legacy checkpoint format (before 1.6, and torch.save with
// _use_new_zipfile_serialization=False): five pickles (magic, protocol, system, the object, storage
// keys), then per storage an int64 count and raw data.
import { type Cursor, createCursor, PickleError, take, takeInt64 } from '../pickle/cursor.ts'
import { readPickle } from '../pickle/read-pickle.ts'
import type { Checkpoint } from './checkpoint.ts'
import { checkSizes, findState, toTensors } from './find-state.ts'
import { readStatePickle, type Storage } from './state-pickle.ts'

const MAGIC = 0x1950a86a20f9469cfc6cn
const PROTOCOL = 1001

/** How such a file begins: protocol 2, a long integer of ten bytes, the magic number. */
const HEAD = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

export const isLegacy = (head: Uint8Array): boolean =>
  HEAD.every((byte, index) => head[index] === byte)

/** @throws PickleError when it is damaged, or names any other Python class */
export function readLegacyCheckpoint(bytes: Uint8Array): Checkpoint {
  const cursor = createCursor(bytes)
  readPreamble(cursor)
  const { object, storages } = readStatePickle(cursor)
  const keys = readPickle(cursor, { globals: {} })
  if (!Array.isArray(keys)) throw new PickleError('the storage keys are no list')
  const data = new Map<Storage, Uint8Array>()
  for (const key of keys) readStorage(cursor, storages.get(key), data)
  const { views, ignored } = findState(object)
  checkSizes(views, bytes.length)
  const state = toTensors(views, (storage) => {
    const held = data.get(storage)
    if (held === undefined) throw new PickleError(`storage ${storage.key} has no data`)
    return held
  })
  return { state, ignored }
}

function readPreamble(cursor: Cursor): void {
  if (readPickle(cursor, { globals: {} }) !== MAGIC) {
    throw new PickleError('it is not a legacy PyTorch checkpoint')
  }
  const protocol = readPickle(cursor, { globals: {} })
  if (protocol !== PROTOCOL) throw new PickleError(`checkpoint protocol ${protocol} is not read`)
  const system = readPickle(cursor, { globals: {} })
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    throw new PickleError('only little-endian checkpoints of this format are read')
  }
}

function readStorage(
  cursor: Cursor,
  storage: Storage | undefined,
  data: Map<Storage, Uint8Array>,
): void {
  if (storage === undefined) throw new PickleError('a storage key is not known')
  const count = takeInt64(cursor)
  if (count !== BigInt(storage.count)) {
    throw new PickleError(`storage ${storage.key} holds ${count} of ${storage.count} elements`)
  }
  data.set(storage, take(cursor, storage.count * storage.kind.bytes))
}
