// Content-addressed files on the local disk: `<folder>/ab/abcdef…`, named by their SHA-256, never changed.
// An own few lines rather than a storage library: local disk is all there is so far, and none of them fsyncs.
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DugaError } from '../errors.ts'
import { hashStream, syncFolder, writeSynced } from './durable-file.ts'

export interface BlobReference {
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

export interface BlobStore {
  /**
   * Stores a file (by path) or bytes; whole and on disk when it resolves. What is there already is not written again.
   */
  put(source: string | Uint8Array): Promise<BlobReference>
  has(sha256: string): Promise<boolean>
  /** A local path for those who open files themselves, such as onnxruntime. @throws DugaError `blob.missing` */
  localPath(sha256: string): Promise<string>
  /**
   * @param options.verify hash what was read: default true
   * @throws DugaError `blob.missing`, `blob.corrupt`
   */
  read(sha256: string, options?: { readonly verify?: boolean }): Promise<Uint8Array>
  /** Reads the whole blob and compares. @throws DugaError `blob.missing`, `blob.corrupt` */
  verify(sha256: string): Promise<void>
  /**
   * Removes a blob unless something names it. It is moved aside before it is asked, so that whoever starts to name
   * it meanwhile either is seen here or finds it missing and puts it again.
   * @returns whether it is gone
   */
  removeUnless(sha256: string, isNamed: () => Promise<boolean>): Promise<boolean>
  /** Every blob, in no order. */
  list(): Promise<string[]>
  /** Finishes what a killed process left: moved-aside blobs come back, half-written files go. */
  recover(): Promise<void>
}

/** @param folder made where it is missing, readable by its owner only. */
export async function openBlobStore(folder: string): Promise<BlobStore> {
  const incoming = join(folder, 'incoming')
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  const toPath = (sha256: string) => join(folder, sha256.slice(0, 2), sha256)
  const has = (sha256: string) => exists(toPath(sha256))
  const localPath = async (sha256: string) => {
    if (await has(sha256)) return toPath(sha256)
    throw new DugaError('blob.missing', { sha256 })
  }
  return {
    has,
    localPath,
    put: async (source) => {
      const temporary = join(incoming, randomUUID())
      try {
        const written = await writeSynced(temporary, source)
        const path = toPath(written.sha256)
        if (await has(written.sha256)) return written
        await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
        await rename(temporary, path)
        await syncFolder(join(path, '..'))
        await syncFolder(folder)
        return written
      } finally {
        await rm(temporary, { force: true })
      }
    },
    read: async (sha256, { verify = true } = {}) => {
      const path = await localPath(sha256)
      if (verify) await verifyFile(path, sha256)
      return readFile(path)
    },
    verify: async (sha256) => verifyFile(await localPath(sha256), sha256),
    removeUnless: async (sha256, isNamed) => {
      const aside = `${toPath(sha256)}.aside`
      if (!(await has(sha256))) return true
      await rename(toPath(sha256), aside)
      if (await isNamed()) {
        await bringBack(aside, toPath(sha256))
        return false
      }
      await rm(aside, { force: true })
      return true
    },
    list: async () => (await listFiles(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name)),
    recover: async () => {
      for (const name of await listFiles(folder)) {
        if (!name.endsWith('.aside')) continue
        const path = toPath(name.slice(0, -'.aside'.length))
        await bringBack(`${path}.aside`, path)
      }
      await removeOld(incoming)
    },
  }
}

async function bringBack(aside: string, path: string): Promise<void> {
  try {
    await rename(aside, path)
  } catch (error) {
    // Another process that recovered was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

async function verifyFile(path: string, sha256: string): Promise<void> {
  if ((await hashStream(createReadStream(path))).sha256 !== sha256) {
    throw new DugaError('blob.corrupt', { sha256 })
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = []
  for (const prefix of await readdir(folder)) {
    if (prefix.length === 2) names.push(...(await readdir(join(folder, prefix))))
  }
  return names
}

/** Removes half-written files; one that was touched within the hour may be another process's. */
async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const { mtimeMs } = await stat(path)
    if (mtimeMs < Date.now() - 3_600_000) await rm(path, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
