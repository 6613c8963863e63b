// HDF5 files → attributes and tensors. libhdf5 (h5wasm) runs in a thread of its own for each file: a hostile one may
// crash it or keep it busy, and then only that thread is lost.
import { Worker } from 'node:worker_threads'
import { moduleUrl } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Hdf5Content, Hdf5Reply, Hdf5Request } from './messages.ts'

/** Compressed datasets may be larger than their file, but not by more. */
const LARGEST_EXPANSION = 20
const SMALLEST_LIMIT = 16 * 1024 * 1024
const SECONDS = 30
const BYTES_A_SECOND = 20 * 1024 * 1024

export interface Hdf5Source {
  readonly path: string
  /** Where in the file the HDF5 file begins; default 0. */
  readonly start?: number
  readonly length: number
}

/**
 * @param skip groups at the root that are not wanted
 * @throws DugaError model.unreadable
 */
export async function readHdf5(
  { path, start = 0, length }: Hdf5Source,
  skip: readonly string[] = [],
): Promise<Hdf5Content> {
  const mostBytes = Math.max(SMALLEST_LIMIT, length * LARGEST_EXPANSION)
  const request: Hdf5Request = { path, start, length, skip, mostBytes }
  const reply = await ask(request, (SECONDS + length / BYTES_A_SECOND) * 1000)
  if (reply.ok) return reply.content
  throw new DugaError('model.unreadable', { reason: reply.reason })
}

async function ask(request: Hdf5Request, milliseconds: number): Promise<Hdf5Reply> {
  const worker = new Worker(moduleUrl(import.meta.url, 'hdf5-worker'), {
    workerData: request,
    // libhdf5 writes its own trace of every failure.
    stderr: true,
    stdout: true,
  })
  try {
    return await new Promise<Hdf5Reply>((resolve) => {
      const fail = (reason: string) => resolve({ ok: false, reason })
      const timer = setTimeout(() => fail('reading it takes too long'), milliseconds)
      worker.once('message', (reply: Hdf5Reply) => resolve(reply))
      worker.once('error', () => fail('the HDF5 file is damaged'))
      worker.once('exit', () => {
        clearTimeout(timer)
        fail('the HDF5 file is damaged')
      })
    })
  } finally {
    await worker.terminate()
  }
}
