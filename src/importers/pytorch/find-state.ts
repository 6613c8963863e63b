// What was saved → its state dict: itself, or the one inside a checkpoint of a training script; and its tensors by name.
import type { Tensor } from '../../tensor/tensor.ts'
import { PickleError } from '../pickle/cursor.ts'
import type { PickleValue } from '../pickle/machine.ts'
import { type Storage, TensorView } from './state-pickle.ts'
import { toTensor } from './storage.ts'

/** Where training scripts put the weights, the likeliest first. */
const KEYS = [
  ...['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'weights'],
  ...['params', 'module', 'ema', 'state_dict_ema', 'model_ema'],
]
const DEEPEST = 3

/**
 * Views of storages may overlap (tied weights), but a small file must not ask for more than this
 * multiple of itself.
 */
const LARGEST_EXPANSION = 4

export interface FoundState {
  readonly views: ReadonlyMap<string, TensorView>
  /** Names of entries beside the weights, outermost first. */
  readonly ignored: readonly string[]
}

/** @throws PickleError where there is none, or more than one and none of a usual name */
export function findState(object: PickleValue): FoundState {
  const found = search(object, DEEPEST, new Set())
  if (found === null) throw new PickleError('the checkpoint holds no state dict')
  return found
}

/** @param seen dictionaries that were searched: a hostile file may hold one often, or in itself */
function search(object: PickleValue, depth: number, seen: Set<unknown>): FoundState | null {
  if (!(object instanceof Map) || depth === 0 || seen.has(object)) return null
  seen.add(object)
  const named = [...object].filter((entry): entry is [string, unknown] => isName(entry[0]))
  const views = named.filter((entry): entry is [string, TensorView] => isTensor(entry[1]))
  const others = named.filter(([, value]) => !isTensor(value)).map(([name]) => name)
  if (views.length > 0) return { views: new Map(views), ignored: others }
  const inner = new Map<string, FoundState>()
  for (const [name, value] of named) {
    const found = search(value, depth - 1, seen)
    if (found !== null) inner.set(name, found)
  }
  const usual = KEYS.find((key) => inner.has(key))
  const key = usual ?? (inner.size === 1 ? [...inner.keys()][0]! : null)
  if (key === null && inner.size === 0) return null
  if (key === null) {
    throw new PickleError(`the checkpoint holds several state dicts: ${[...inner.keys()]}`)
  }
  const { views: tensors, ignored } = inner.get(key)!
  return { views: tensors, ignored: [...others.filter((name) => name !== key), ...ignored] }
}

/** @throws PickleError where tensors reach outside their storages, or are far larger than the file */
export function toTensors(
  views: ReadonlyMap<string, TensorView>,
  bytesOf: (storage: Storage) => Uint8Array,
): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const [name, { storage, view }] of views) {
    tensors.set(name, toTensor(name, storage.kind, bytesOf(storage), view))
  }
  return tensors
}

/** Before anything is made of them. @throws PickleError where tensors or storages are far larger than the file */
export function checkSizes(views: ReadonlyMap<string, TensorView>, fileBytes: number): void {
  const most = fileBytes * LARGEST_EXPANSION
  let total = 0
  const storages = new Set<Storage>()
  for (const { storage, view } of views.values()) {
    total += view.size.reduce((all, dim) => all * dim, storage.kind.bytes)
    storages.add(storage)
  }
  const stored = [...storages].reduce((sum, { count, kind }) => sum + count * kind.bytes, 0)
  if (!(total <= most && stored <= most)) {
    throw new PickleError('the tensors are far larger than the file')
  }
}

const isTensor = (value: unknown): value is TensorView => value instanceof TensorView
const isName = (value: unknown): value is string => typeof value === 'string'
