// The pickle inside a PyTorch checkpoint, legacy or zip: which names it may hold, and what stands for a tensor until its
// storage is read.
import { createNumpyGlobals } from '../numpy/globals.ts'
import { type Cursor, PickleError } from '../pickle/cursor.ts'
import { GlobalReference, type PickleGlobal, type PickleValue } from '../pickle/machine.ts'
import { readPickle } from '../pickle/read-pickle.ts'
import { STORAGES, type StorageKind, type View } from './storage.ts'

/** Arrays of numpy beside the weights (a random state, say) are dropped, so few of them do. */
const NUMPY_BYTES = 64 * 1024 * 1024

/** One object a key: tied weights share it. */
export class Storage {
  readonly key: string
  readonly kind: StorageKind
  /** Elements. */
  readonly count: number

  constructor(key: string, kind: StorageKind, count: number) {
    this.key = key
    this.kind = kind
    this.count = count
  }
}

/** A tensor of the pickle, before its storage has been read. */
export class TensorView {
  readonly storage: Storage
  readonly view: View

  constructor(storage: Storage, view: View) {
    this.storage = storage
    this.view = view
  }
}

export interface StatePickle {
  readonly object: PickleValue
  readonly storages: ReadonlyMap<string, Storage>
}

/** @throws PickleError when it is damaged, or names anything but what state dicts and checkpoints are made of */
export function readStatePickle(cursor: Cursor): StatePickle {
  const storages = new Map<string, Storage>()
  const persistentLoad = (id: PickleValue): Storage => findStorage(storages, id)
  const globals = { ...createNumpyGlobals({ left: NUMPY_BYTES }), ...GLOBALS }
  return { object: readPickle(cursor, { globals, persistentLoad }), storages }
}

/** `('storage', type, key, location, count)`, and a view of it in the legacy format. */
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
  const storage = known ?? new Storage(key, kind, count)
  storages.set(key, storage)
  return storage
}

/**
 * torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks).
 */
const rebuildTensor: PickleGlobal = {
  construct: ([storage, offset, size, stride]) => {
    if (!(storage instanceof Storage) || !isCount(offset) || !isCounts(size) || !isCounts(stride)) {
      throw new PickleError('a tensor has no valid storage, size or stride')
    }
    return new TensorView(storage, { offset, size, stride })
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

/** What is not looked into, such as a device or the arguments of a training script. */
const carried: PickleGlobal = { construct: () => new Carried(), setState: (value) => value }

class Carried {}

const GLOBALS: Readonly<Record<string, PickleGlobal>> = {
  'collections OrderedDict': orderedDict,
  'collections defaultdict': { construct: () => new Map(), setState: (value) => value },
  'collections Counter': carried,
  'argparse Namespace': carried,
  'torch._utils _rebuild_tensor_v2': rebuildTensor,
  'torch._utils _rebuild_parameter': rebuildParameter,
  'torch._utils _rebuild_parameter_with_state': rebuildParameter,
  'torch Size': { construct: ([sizes]) => sizes },
  'torch device': carried,
  ...Object.fromEntries(
    ['dict', 'float', 'int', 'list', 'set', 'str'].flatMap((name) => [
      [`builtins ${name}`, carried],
      [`__builtin__ ${name}`, carried],
    ]),
  ),
  ...Object.fromEntries(
    ['bfloat16', 'bool', 'float16', 'float32', 'float64', 'int8', 'int16', 'int32', 'int64'].map(
      (name) => [`torch ${name}`, {}],
    ),
  ),
  'torch uint8': {},
  ...Object.fromEntries(Object.keys(STORAGES).map((name) => [name, {}])),
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount)
