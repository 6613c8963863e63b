// What frozen parts of a model made of each row, on disk: computed once, reused by the next epoch and the next job.
// Bounded, the least recently used goes first; whatever is damaged or gone is computed again.
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type FeatureType,
  readKeys,
  readSegment,
  type Segment,
  writeSegment,
} from './feature-segment.ts'

export interface FeatureCacheOptions {
  /** `$DUGA_HOME/cache/features`. */
  readonly folder: string
  /** All spaces together. */
  readonly maxBytes: number
  /** Bytes of rows kept in memory besides. Default: 64 MB. */
  readonly memoryBytes?: number
}

export interface FeatureSpaceKey {
  /** SHA-256 of the frozen graph. */
  readonly backbone: string
  /** Everything else that the features depend on: decoding, augmentation and its seed, the layer; any text. */
  readonly recipe: string
  /** Values a row. */
  readonly length: number
  /** How rows are stored. float16 halves the space, keeps three digits and overflows above 65,504. */
  readonly type: FeatureType
}

export interface FeatureKey {
  readonly contentHash: string
  /** 0 for the row as it is; augmented views are counted from 1. */
  readonly view: number
}

export interface FeatureSpace {
  /** Places of the keys that would have to be computed, as far as is known without reading. */
  missing(keys: readonly FeatureKey[]): readonly number[]
  /**
   * Features of each key, row after row, float32. They are what the disk gives back, so the first epoch sees the same
   * rounding as the second.
   * @param compute features of the keys at these places, row after row; called once, with all that are missing, each
   * content and view once
   */
  getOrCompute(
    keys: readonly FeatureKey[],
    compute: (places: readonly number[]) => Promise<Float32Array>,
  ): Promise<Float32Array>
  readonly stats: FeatureStats
}

export interface FeatureStats {
  readonly hits: number
  readonly computed: number
  /** Why the last rows could not be kept (a full disk, say); the job goes on without. */
  readonly writeError: Error | null
}

interface State {
  readonly folder: string
  readonly type: FeatureType
  readonly length: number
  /** Key → file that has it. */
  readonly files: Map<string, string>
  /** Files whose rows are in memory, the least recently used first. */
  readonly memory: Map<string, Segment>
  /** Files marked as used by this process. */
  readonly touched: Set<string>
  readonly memoryBytes: number
}

/** Opens one space of the cache, making what is missing. Other processes may use the same folder. */
export async function openFeatureSpace(
  { folder, maxBytes, memoryBytes = 64 << 20 }: FeatureCacheOptions,
  { backbone, recipe, length, type }: FeatureSpaceKey,
): Promise<FeatureSpace> {
  const name = createHash('sha256').update(JSON.stringify([backbone, recipe, length, type]))
  const own = join(folder, name.digest('hex').slice(0, 32))
  await mkdir(own, { recursive: true, mode: 0o700 })
  const state: State = {
    folder: own,
    type,
    length,
    files: await listKeys(own, type, length),
    memory: new Map(),
    touched: new Set(),
    memoryBytes,
  }
  let used = await evict(folder, maxBytes)
  let writes = 0
  const stats = { hits: 0, computed: 0, writeError: null as Error | null }
  return {
    stats,
    missing: (keys) => [...keys.keys()].filter((place) => !state.files.has(nameOf(keys[place]!))),
    getOrCompute: async (keys, compute) => {
      const names = keys.map(nameOf)
      const out = new Float32Array(names.length * length)
      const missing = await fillKnown(state, names, out)
      stats.hits += names.length - missing.length
      const wanted = [...Map.groupBy(missing, (place) => names[place]!).values()]
      if (wanted.length === 0) return out
      const places = wanted.map(([first]) => first!)
      const values = checkLength(await compute(places), places.length * length)
      stats.computed += places.length
      const rounded = type === 'float16' ? new Float32Array(new Float16Array(values)) : values
      for (const [index, same] of wanted.entries()) {
        const row = rounded.subarray(index * length, (index + 1) * length)
        for (const place of same) out.set(row, place * length)
      }
      try {
        const kept = places.map((place) => names[place]!)
        used += await keep(state, kept, rounded)
        writes += 1
        // Others may write to the same folder: what is there is counted anew from time to time.
        if (used > maxBytes || writes % COUNT_EVERY === 0) used = await evict(folder, maxBytes)
        stats.writeError = null
      } catch (error) {
        stats.writeError = error as Error
      }
      return out
    },
  }
}

const nameOf = ({ contentHash, view }: FeatureKey): string => `${contentHash}-${view}`

function checkLength(values: Float32Array, wanted: number): Float32Array {
  if (values.length === wanted) return values
  throw new RangeError(`${values.length} features were computed where ${wanted} belong`)
}

/** Copies what is cached. @returns the places that are not */
async function fillKnown(
  state: State,
  names: readonly string[],
  out: Float32Array,
): Promise<readonly number[]> {
  const missing: number[] = []
  const byFile = Map.groupBy(names.keys(), (place) => state.files.get(names[place]!))
  for (const [file, places] of byFile) {
    const segment = file === undefined ? null : await load(state, file)
    const rows = new Map(segment?.keys.map((key, row) => [key, row]))
    for (const place of places) {
      const row = rows.get(names[place]!)
      if (row === undefined) {
        missing.push(place)
        continue
      }
      const start = row * state.length
      out.set(segment!.values.subarray(start, start + state.length), place * state.length)
    }
  }
  return missing.sort((a, b) => a - b)
}

/** The rows of a file; a file that is damaged is deleted, and one that is gone is forgotten. */
async function load(state: State, file: string): Promise<Segment | null> {
  const path = join(state.folder, file)
  const known = state.memory.get(file) ?? (await readSegment(path, state.type, state.length))
  if (known === null) {
    await rm(path, { force: true })
    for (const [key, name] of state.files) if (name === file) state.files.delete(key)
    return null
  }
  remember(state, file, known)
  if (!state.touched.has(file)) {
    state.touched.add(file)
    const now = new Date()
    // Another process may have evicted it meanwhile.
    await utimes(path, now, now).catch(() => {})
  }
  return known
}

function remember({ memory, memoryBytes }: State, file: string, segment: Segment): void {
  memory.delete(file)
  memory.set(file, segment)
  let bytes = 0
  for (const { values } of memory.values()) bytes += values.byteLength
  for (const [oldest, { values }] of memory) {
    if (bytes <= memoryBytes) break
    memory.delete(oldest)
    bytes -= values.byteLength
  }
}

/** @returns the bytes that it took */
async function keep(state: State, keys: readonly string[], values: Float32Array): Promise<number> {
  const { name, bytes } = await writeSegment(state.folder, state.type, keys, values)
  for (const key of keys) state.files.set(key, name)
  state.touched.add(name)
  remember(state, name, { keys, values })
  return bytes
}

async function listKeys(
  folder: string,
  type: FeatureType,
  length: number,
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.features'))) {
    const keys = await readKeys(join(folder, name), type, length)
    for (const key of keys ?? []) files.set(key, name)
  }
  return files
}

/** An unfinished file this old was left by a process that is gone. */
const ABANDONED_MS = 3_600_000
/** Writes between two looks at what others have written. */
const COUNT_EVERY = 64

/** Deletes abandoned files, then the least recently used until what is left fits. @returns bytes left */
async function evict(folder: string, maxBytes: number): Promise<number> {
  const entries: { readonly path: string; readonly used: number; readonly bytes: number }[] = []
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const found = await stat(path).catch(() => null)
    if (found === null) continue
    const unfinished = entry.name.endsWith('.tmp')
    if (unfinished && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true })
    else entries.push({ path, used: found.mtimeMs, bytes: found.size })
  }
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { path, bytes } of entries.sort((a, b) => a.used - b.used)) {
    if (total <= maxBytes) break
    await rm(path, { force: true })
    total -= bytes
  }
  return total
}
