// PyTorch's legacy checkpoint format (before 1.6, and torch.save with
// _use_new_zipfile_serialization=False): five pickles (magic, protocol, system, the object, storage
// keys), then per storage an int64 count and raw data. Reads state dicts.
import { DugaError } from '../../errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type Cursor, createCursor, PickleError, take, takeInt64 } from '../pickle/cursor.ts'
import { GlobalReference, type PickleGlobal, type PickleValue } from '../pickle/machine.ts'
import { readPickle } from '../pickle/read-pickle.ts'
import { STORAGES, type StorageKind, toTensor, type View } from './storage.ts'

const MAGIC = 0x1950a86a20f9469cfc6cn
const PROTOCOL = 1001

/**
 * Views of storages may overlap (tied weights), but a small file must not ask for more than this
 * multiple of itself.
 */
const LARGEST_EXPANSION = 4

interface Storage {
  readonly key: string
  readonly kind: StorageKind
  readonly count: number
  bytes: Uint8Array | null
}

/** A tensor of the pickle, before its storage has been read. */
class TensorView {
  readonly storage: Storage
  readonly view: View

  constructor(storage: Storage, view: View) {
    this.storage = storage
    this.view = view
  }
}

/**
 * Reads a state dict: parameter name → contiguous tensor. Halves come as float32.
 *
 * @throws DugaError `model.unreadable` when it is no such file, is damaged, or names any other
 * Python class.
 */
export function readLegacyCheckpoint(bytes: Uint8Array): Map<string, Tensor> {
  try {
    return readCheckpoint(createCursor(bytes))
  } catch (cause) {
    if (!(cause instanceof PickleError)) throw cause
    throw new DugaError('model.unreadable', { reason: cause.message }, { cause })
  }
}

function readCheckpoint(cursor: Cursor): Map<string, Tensor> {
  readPreamble(cursor)
  const storages = new Map<string, Storage>()
  const persistentLoad = (id: PickleValue): Storage => findStorage(storages, id)
  const object = readPickle(cursor, { globals: GLOBALS, persistentLoad })
  const keys = readPickle(cursor, { globals: {} })
  if (!Array.isArray(keys)) throw new PickleError('the storage keys are no list')
  for (const key of keys) readStorage(cursor, storages.get(key))
  return toStateDict(object, cursor.bytes.length)
}

function readPreamble(cursor: Cursor): void {
  if (readPickle(cursor, { globals: {} }) !== MAGIC) {
    throw new PickleError('it is not a legacy PyTorch checkpoint')
  }
  const protocol = readPickle(cursor, { globals: {} })
  if (protocol !== PROTOCOL) throw new PickleError(`checkpoint protocol ${protocol} is not read`)
  const system = readPickle(cursor, { globals: {} })
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    throw new PickleError('only little-endian checkpoints are read')
  }
}

/** `('storage', type, key, location, count, view)` → the storage, one object a key. */
function findStorage(storages: Map<string, Storage>, id: PickleValue): Storage {
  if (!Array.isArray(id) || id[0] !== 'storage') throw new PickleError('a storage has no valid id')
  const [, type, key, , count, view] = id
  const kind = type instanceof GlobalReference ? STORAGES[type.name] : undefined
  if (kind === undefined || typeof key !== 'string' || !isCount(count)) {
    throw new PickleError('a storage has no valid id')
  }
  if (view !== null && view !== undefined) throw new PickleError('views of storages are not read')
  const known = storages.get(key)
  if (known !== undefined && (known.kind !== kind || known.count !== count)) {
    throw new PickleError(`storage ${key} is described twice`)
  }
  const storage = known ?? { key, kind, count, bytes: null }
  storages.set(key, storage)
  return storage
}

function readStorage(cursor: Cursor, storage: Storage | undefined): void {
  if (storage === undefined) throw new PickleError('a storage key is not known')
  const count = takeInt64(cursor)
  if (count !== BigInt(storage.count)) {
    throw new PickleError(`storage ${storage.key} holds ${count} of ${storage.count} elements`)
  }
  storage.bytes = take(cursor, storage.count * storage.kind.bytes)
}

function toStateDict(object: PickleValue, fileBytes: number): Map<string, Tensor> {
  if (!(object instanceof Map)) throw new PickleError('the checkpoint is no state dict')
  const tensors = new Map<string, Tensor>()
  let total = 0
  for (const [name, value] of object) {
    if (typeof name !== 'string' || !(value instanceof TensorView)) {
      throw new PickleError(`entry "${name}" of the state dict is no tensor`)
    }
    const { storage, view } = value
    if (storage.bytes === null) throw new PickleError(`tensor "${name}" has no data`)
    total += view.size.reduce((all, dim) => all * dim, storage.kind.bytes)
    if (!(total <= fileBytes * LARGEST_EXPANSION)) {
      throw new PickleError('the tensors are far larger than the file')
    }
    tensors.set(name, toTensor(name, storage.kind, storage.bytes, view))
  }
  return tensors
}

/**
 * torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks).
 */
const rebuildTensor: PickleGlobal = {
  construct: ([storage, offset, size, stride]) => {
    const known = typeof storage === 'object' && storage !== null && 'kind' in storage
    if (!known || !isCount(offset) || !isCounts(size) || !isCounts(stride)) {
      throw new PickleError('a tensor has no valid storage, size or stride')
    }
    return new TensorView(storage as Storage, { offset, size, stride })
  },
}

/** torch._utils._rebuild_parameter(data, requires_grad, backward_hooks). */
const rebuildParameter: PickleGlobal = { construct: ([data]) => data }

/** A state dict's state is `_metadata`, the versions of its modules: nothing here needs it. */
const orderedDict: PickleGlobal = {
  construct: (args) => {
    if (args.length > 0) throw new PickleError('an OrderedDict has unexpected arguments')
    return new Map()
  },
  setState: (value) => value,
}

const GLOBALS: Readonly<Record<string, PickleGlobal>> = {
  'collections OrderedDict': orderedDict,
  'torch._utils _rebuild_tensor_v2': rebuildTensor,
  'torch._utils _rebuild_parameter': rebuildParameter,
  ...Object.fromEntries(Object.keys(STORAGES).map((name) => [name, {}])),
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount)
