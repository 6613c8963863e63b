// A version held by one thread: its sessions, its decoder, its data files. The same in a lane and in place.
import { readFile } from 'node:fs/promises'
import { DugaError } from '../errors.ts'
import type { Manifest, TensorSpec, VersionFiles } from '../manifest.ts'
import { TENSOR_ARRAYS, type Tensor, type Tensors } from '../tensor/tensor.ts'
import { type ItemOutcome, type Run, runBatch } from './batch-run.ts'
import { replayGolden } from './golden.ts'
import type { Rows, VersionSpec } from './lane-protocol.ts'
import { loadSession, type Session } from './runtime.ts'
import type { Decode, DecodeContext, Decoded } from './service.ts'

/** A graph that runs without onnxruntime, in the calling thread; see {@link OpenGraph}. */
export interface InlineGraph {
  run(feeds: Tensors): Tensors
}

/** Opens the `model` of a version as an {@link InlineGraph}, or gives null where it is not of the kind it knows. */
export type OpenGraph = (model: Uint8Array, manifest: Manifest) => InlineGraph | null

export interface HeldVersion {
  /** The graph where it runs without onnxruntime; many calls cost no more than one with all rows. */
  readonly immediate: InlineGraph | null
  decode(input: unknown): Promise<Decoded> | Decoded
  /** See `runBatch`. */
  run(items: readonly Rows[]): Promise<readonly ItemOutcome[]>
  release(): Promise<void>
}

export interface HoldOptions {
  readonly threads: number
  /** Wraps every call of onnxruntime. */
  readonly native: <T>(work: () => Promise<T>) => Promise<T>
  /** Tried in order before onnxruntime. */
  readonly graphs?: readonly OpenGraph[]
}

/**
 * Opens every graph and the decoder, then proves and warms the model: the golden replay, or where there is none a run
 * of zeros where the manifest fixes the shape.
 *
 * @throws DugaError `model.*`, `golden.mismatch`; whatever importing the decoder throws
 */
export async function holdVersion(
  { files, decoder, input }: VersionSpec,
  { threads, native, graphs = [] }: HoldOptions,
): Promise<HeldVersion> {
  const { manifest } = files
  const sessions = new Map<string, Session>()
  const release = async () => {
    for (const session of sessions.values()) await native(() => session.release())
    sessions.clear()
  }
  try {
    const inline = await openInline(files, graphs)
    for (const role of graphRoles(files)) {
      if (role === 'model' && inline !== null) continue
      sessions.set(role, await native(() => loadSession(pathOf(files, role), { threads })))
    }
    const runRole = (role: string, feeds: Tensors): Promise<Tensors> => {
      const session = sessions.get(role)
      if (session === undefined) throw incomplete(manifest, `a graph with the role ${role}`)
      return native(() => session.run(feeds))
    }
    const run: Run =
      inline === null ? (feeds) => runRole('model', feeds) : async (feeds) => inline.run(feeds)
    const decode = await importDecode(decoder)
    await prove(files, run)
    const context: DecodeContext = { manifest, run: runRole, file: cachedFiles(files) }
    return {
      immediate: inline,
      decode: (value) => {
        const found =
          input === 'file'
            ? toBytes(value).then((bytes) => decode(bytes, context))
            : decode(value, context)
        // Without a promise where there is nothing to wait for: in place every one counts.
        return found instanceof Promise ? found.then(checkDecoded) : checkDecoded(found)
      },
      run: (items) => runBatch(run, items, manifest.maxBatch),
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function prove(files: VersionFiles, run: Run): Promise<void> {
  const { golden, inputs } = files.manifest
  if (golden !== null) return await replayGolden(files, golden, run)
  if (inputs.every(({ shape }) => shape.slice(1).every((n) => n !== null))) {
    await run(Object.fromEntries(inputs.map((spec) => [spec.name, zeros(spec)])))
  }
}

function zeros({ type, shape }: TensorSpec): Tensor {
  const dims = shape.map((n) => n ?? 1)
  const length = dims.reduce((a, b) => a * b, 1)
  return { type, dims, data: new TENSOR_ARRAYS[type](length) }
}

async function openInline(
  files: VersionFiles,
  graphs: readonly OpenGraph[],
): Promise<InlineGraph | null> {
  if (graphs.length === 0) return null
  const model = await readFile(pathOf(files, 'model'))
  for (const open of graphs) {
    const graph = open(model, files.manifest)
    if (graph !== null) return graph
  }
  return null
}

function graphRoles({ manifest }: VersionFiles): readonly string[] {
  const roles = Object.entries(manifest.files).filter(([, file]) => file.name.endsWith('.onnx'))
  if (!roles.some(([role]) => role === 'model'))
    throw incomplete(manifest, 'a graph with the role model')
  return roles.map(([role]) => role)
}

async function importDecode(decoder: string): Promise<Decode<unknown>> {
  const module: { decode?: unknown } = await import(decoder)
  if (typeof module.decode !== 'function') {
    throw new TypeError(`the decoder module ${decoder} does not export a function "decode"`)
  }
  return module.decode as Decode<unknown>
}

function cachedFiles(files: VersionFiles): (role: string) => Promise<Uint8Array> {
  const cache = new Map<string, Promise<Uint8Array>>()
  return (role) => {
    const known = cache.get(role)
    if (known !== undefined) return known
    const bytes = readFile(pathOf(files, role))
    cache.set(role, bytes)
    bytes.catch(() => cache.delete(role))
    return bytes
  }
}

async function toBytes(input: unknown): Promise<unknown> {
  if (typeof input === 'object' && input !== null && 'path' in input) {
    return await readFile(String(input.path))
  }
  return input
}

function checkDecoded(decoded: Decoded): Decoded {
  const { rows, feeds } = decoded
  const wrong = Object.entries(feeds).find(([, { dims }]) => dims[0] !== rows)
  if (!Number.isInteger(rows) || rows < 1 || wrong !== undefined) {
    throw new RangeError(`decode said ${rows} rows; "${wrong?.[0]}" has [${wrong?.[1].dims}]`)
  }
  return decoded
}

function pathOf({ manifest, paths }: VersionFiles, role: string): string {
  const path = paths[role]
  if (path === undefined) throw incomplete(manifest, `the file with the role ${role}`)
  return path
}

function incomplete({ service, version }: Manifest, reason: string): DugaError {
  return new DugaError('model.incomplete', { service, version, reason })
}
