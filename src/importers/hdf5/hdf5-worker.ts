// The thread that reads one HDF5 file through libhdf5. Its file system is in memory and holds that one file, whose
// content comes from disk piece by piece: links to other files lead nowhere.
import { openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { type Attribute, Dataset, File, FS, Group, Module, ready } from 'h5wasm'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Hdf5Attributes, Hdf5Content, Hdf5Reply, Hdf5Request } from './messages.ts'
import { elementsOf, toTensorData } from './tensor-data.ts'

const MOST_NODES = 100_000
const DEEPEST = 40
const MOST_ATTRIBUTE_BYTES = 64 * 1024 * 1024
/** Attributes that Keras writes; any other is not looked at. */
const WANTED = /^(model_config|keras_version|backend|name|dtype|layer_names\d*|weight_names\d*)$/
const FILTERS: ReadonlySet<number> = new Set([1, 2, 3])
const FILE = '/file.h5'

/** A limit that the file breaks; its text is shown. */
class Refusal extends Error {}

const request = workerData as Hdf5Request
const reply = await answer()
parentPort!.postMessage(reply, reply.ok ? buffersOf(reply.content) : [])

/** Handed over instead of copied. */
function buffersOf({ tensors }: Hdf5Content): ArrayBuffer[] {
  return Array.from(tensors.values(), ({ data }) => data.buffer as ArrayBuffer)
}

async function answer(): Promise<Hdf5Reply> {
  try {
    await ready
    mount(request)
    const file = new File(FILE, 'r')
    if (file.file_id < 0n) throw new Refusal('it is no HDF5 file, or a damaged one')
    return { ok: true, content: readAll(file) }
  } catch (error) {
    const known = error instanceof Refusal
    return { ok: false, reason: known ? error.message : 'the HDF5 file is damaged or cut off' }
  }
}

interface MemoryNode {
  node_ops: Record<string, unknown>
  stream_ops: Record<string, unknown>
  mode: number
}

/** One file in Emscripten's file system whose reads go to the file on disk. */
function mount({ path, start, length }: Hdf5Request): void {
  const descriptor = openSync(path, 'r')
  const files = FS as unknown as {
    createFile(folder: string, name: string, _: object, read: boolean, write: boolean): MemoryNode
  }
  const node = files.createFile('/', FILE.slice(1), {}, true, false)
  const never = new Date(0)
  const attributes = {
    ...{ dev: 1, ino: 1, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size: length },
    ...{ atime: never, mtime: never, ctime: never, blksize: 4096, blocks: Math.ceil(length / 512) },
  }
  node.node_ops = { ...node.node_ops, getattr: () => attributes }
  node.stream_ops = {
    ...node.stream_ops,
    read: (_: unknown, into: Int8Array, offset: number, wanted: number, position: number) => {
      const count = Math.min(wanted, Math.max(0, length - position))
      return count === 0 ? 0 : readSync(descriptor, into, offset, count, start + position)
    },
  }
}

function readAll(file: File): Hdf5Content {
  const attributes = new Map<string, Hdf5Attributes>()
  const tensors = new Map<string, Tensor>()
  const texts = new Map<string, readonly string[]>()
  let nodes = 0
  let bytes = 0
  const readDataset = (path: string, dataset: Dataset): void => {
    const { metadata } = dataset
    const size = elementsOf(metadata.shape) * metadata.size
    bytes += size
    if (!(bytes <= request.mostBytes)) {
      throw new Refusal(`its datasets are far larger than the file ("${path}")`)
    }
    const filter = dataset.filters.find(({ id }) => !FILTERS.has(id))
    if (filter !== undefined) {
      throw new Refusal(`dataset "${path}" uses the filter ${filter.name || filter.id}`)
    }
    if (metadata.type === Module.H5T_class_t.H5T_STRING.value) {
      const value = dataset.value
      texts.set(path, Array.isArray(value) ? value.map(String) : [String(value)])
      return
    }
    const tensor = toTensorData(metadata, readRaw(file.file_id, path, size))
    if (tensor !== null) tensors.set(path, tensor)
  }
  const visit = (path: string, group: Group, depth: number): void => {
    if (depth > DEEPEST) throw new Refusal('its groups are nested too deep')
    attributes.set(path, readAttributes(group.attrs))
    for (const name of group.keys()) {
      nodes += 1
      if (nodes > MOST_NODES) throw new Refusal(`it holds more than ${MOST_NODES} objects`)
      if (depth === 0 && request.skip.includes(name)) continue
      const child = group.get(name)
      const childPath = path === '' ? name : `${path}/${name}`
      if (child instanceof Group) visit(childPath, child, depth + 1)
      else if (child instanceof Dataset) readDataset(childPath, child)
    }
  }
  visit('', file, 0)
  return { attributes, tensors, texts }
}

function readRaw(file: bigint, path: string, size: number): Uint8Array {
  if (size === 0) return new Uint8Array()
  const at = Module._malloc(size)
  if (at === 0) throw new Refusal(`dataset "${path}" is too large`)
  try {
    if (Module.get_dataset_data(file, `/${path}`, null, null, null, BigInt(at)) < 0) {
      throw new Refusal(`dataset "${path}" cannot be read`)
    }
    return Module.HEAPU8.slice(at, at + size)
  } finally {
    Module._free(at)
  }
}

function readAttributes(attributes: Readonly<Record<string, Attribute>>): Hdf5Attributes {
  const read: Record<string, string | readonly string[]> = {}
  for (const [name, attribute] of Object.entries(attributes)) {
    const { metadata } = attribute
    if (!WANTED.test(name) || metadata.type !== Module.H5T_class_t.H5T_STRING.value) continue
    if (elementsOf(metadata.shape) * metadata.size > MOST_ATTRIBUTE_BYTES) {
      throw new Refusal(`attribute "${name}" is too large`)
    }
    const { value } = attribute
    if (typeof value === 'string') read[name] = value
    else if (Array.isArray(value)) read[name] = value.map(String)
  }
  return read
}
