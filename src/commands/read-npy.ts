// NumPy's .npy files of plain numbers → float32, for the comparison with a user's own expected output.
import { readFile } from 'node:fs/promises'
import { DugaError } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'

const MAGIC = '\x93NUMPY'
const READERS: Readonly<Record<string, readonly [number, (view: DataView, at: number) => number]>> =
  {
    '<f4': [4, (view, at) => view.getFloat32(at, true)],
    '<f8': [8, (view, at) => view.getFloat64(at, true)],
    '<i4': [4, (view, at) => view.getInt32(at, true)],
    '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
    '|u1': [1, (view, at) => view.getUint8(at)],
  }

/** @throws DugaError file.unreadable */
export async function readNpy(path: string): Promise<Tensor> {
  try {
    return parseNpy(await readFile(path))
  } catch (cause) {
    const reason = (cause as Error).message
    throw new DugaError('file.unreadable', { path, reason }, { cause })
  }
}

/** @throws RangeError */
export function parseNpy(bytes: Uint8Array): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = Buffer.from(bytes.subarray(0, 6)).toString('latin1')
  if (text !== MAGIC || bytes.length < 12) throw new RangeError('it is no .npy file')
  const wide = view.getUint8(6) > 1
  const start = wide ? 12 : 10
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  if (start + length > bytes.length) throw new RangeError('it ends inside its header')
  const header = Buffer.from(bytes.subarray(start, start + length)).toString('latin1')
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? ''
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]
  if (shape === undefined || /'fortran_order':\s*True/.test(header)) {
    throw new RangeError('it is not in C order')
  }
  const reader = Object.hasOwn(READERS, descr) ? READERS[descr] : undefined
  if (reader === undefined) throw new RangeError(`its numbers are ${descr}; save it as float32`)
  const dims = shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]))
  const count = dims.reduce((all, dim) => all * dim, 1)
  const [size, get] = reader
  const from = start + length
  if (from + count * size !== bytes.length) throw new RangeError('it does not hold what it says')
  const data = Float32Array.from({ length: count }, (_, at) => get(view, from + at * size))
  return { type: 'float32', dims, data }
}
