// The weights of a TensorFlow.js model: shards beside model.json, joined and cut up as its manifest says, and brought back to
// float32 where they were quantised.
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DugaError } from '../../errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { bad, type Config, isObject } from '../keras/model-config.ts'

const MOST_BYTES = 2 * 1024 ** 3
const SIZES: Readonly<Record<string, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
}

/**
 * @param path of model.json
 * @param given shards by name, where they do not lie beside it
 * @returns tensors by their names
 * @throws DugaError model.unreadable, file.unreadable
 */
export async function readWeights(
  path: string,
  manifest: unknown,
  given: ReadonlyMap<string, string> = new Map(),
): Promise<ReadonlyMap<string, Tensor>> {
  const tensors = new Map<string, Tensor>()
  if (manifest === undefined) return tensors
  if (!Array.isArray(manifest)) throw bad('its weightsManifest is no list')
  for (const group of manifest) {
    if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
      throw bad('a group of its weightsManifest has no paths and weights')
    }
    const bytes = await readShards(dirname(path), group.paths, given)
    let at = 0
    for (const entry of group.weights) {
      const { name, tensor, end } = readOne(bytes, at, entry)
      tensors.set(name, tensor)
      at = end
    }
  }
  return tensors
}

/** Shards lie beside model.json: of a path, the last part alone counts. */
async function readShards(
  folder: string,
  paths: readonly unknown[],
  given: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let total = 0
  for (const path of paths) {
    if (typeof path !== 'string' || basename(path) !== path || path.includes('\\') || path === '') {
      throw bad(
        `its weights are at "${String(path).slice(0, 100)}"; they must lie beside model.json`,
      )
    }
    const bytes = await readShard(given.get(path) ?? join(folder, path), MOST_BYTES - total)
    if (bytes === null) throw bad(`its weights "${path}" lie neither beside it nor among the files`)
    total += bytes.length
    parts.push(bytes)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** @returns null where there is no such file */
async function readShard(path: string, most: number): Promise<Uint8Array | null> {
  try {
    const file = await open(path)
    try {
      if ((await file.stat()).size > most) throw new Error('the weights are larger than 2 GiB')
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    const reason = (cause as Error).message
    throw new DugaError('file.unreadable', { path, reason }, { cause })
  }
}

function readOne(
  bytes: Uint8Array,
  start: number,
  entry: unknown,
): { readonly name: string; readonly tensor: Tensor; readonly end: number } {
  const { name, shape, dtype, quantization } = isObject(entry) ? entry : ({} as Config)
  const good = (dim: unknown): boolean => Number.isSafeInteger(dim) && Number(dim) >= 0
  if (typeof name !== 'string' || !Array.isArray(shape) || !shape.every(good)) {
    throw bad('a weight of its manifest has no name and shape')
  }
  const stored = String(isObject(quantization) ? quantization.dtype : dtype)
  const size = Object.hasOwn(SIZES, stored) ? SIZES[stored]! : 0
  if (size === 0) throw bad(`the weight "${name}" is of the type ${stored}`)
  const dims = shape as readonly number[]
  const count = dims.reduce((all, dim) => all * dim, 1)
  const end = start + count * size
  if (!(end <= bytes.length)) throw bad(`its files end inside the weight "${name}"`)
  const { buffer } = new Uint8Array(bytes.subarray(start, end))
  return { name, end, tensor: toTensor(buffer, dims, stored, quantization) }
}

function toTensor(
  buffer: ArrayBuffer,
  dims: readonly number[],
  stored: string,
  quantization: unknown,
): Tensor {
  if (stored === 'float32') return { type: 'float32', dims, data: new Float32Array(buffer) }
  if (stored === 'int32') return { type: 'int32', dims, data: new Int32Array(buffer) }
  if (stored === 'bool') return { type: 'bool', dims, data: new Uint8Array(buffer) }
  if (stored === 'float16') {
    return { type: 'float32', dims, data: Float32Array.from(new Float16Array(buffer)) }
  }
  const levels = stored === 'uint16' ? new Uint16Array(buffer) : new Uint8Array(buffer)
  if (!isObject(quantization)) {
    return levels instanceof Uint16Array
      ? { type: 'uint16', dims, data: levels }
      : { type: 'uint8', dims, data: levels }
  }
  const scale = Number(quantization.scale)
  const min = Number(quantization.min)
  const whole = quantization.original_dtype === 'int32'
  if (whole) {
    return {
      type: 'int32',
      dims,
      data: Int32Array.from(levels, (q) => Math.round(q * scale + min)),
    }
  }
  return { type: 'float32', dims, data: Float32Array.from(levels, (q) => q * scale + min) }
}
