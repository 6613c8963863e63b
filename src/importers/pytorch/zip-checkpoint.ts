// PyTorch's zip format (torch.save since 1.6): a folder of any name with data.pkl, the storages as data/<key>, and the byte
// order of the machine that wrote it. TorchScript and torch.export use such archives too, with code that is not read.
import type { Entry } from 'yauzl'
import { DugaError } from '../../errors.ts'
import { createCursor, PickleError } from '../pickle/cursor.ts'
import { openZip, readEntry, type ZipFile } from '../zip-file.ts'
import type { Checkpoint } from './checkpoint.ts'
import { checkSizes, findState, toTensors } from './find-state.ts'
import { readStatePickle, type Storage } from './state-pickle.ts'

const PICKLE = /^([^/]*\/)data\.pkl$/

/** A pickle of names and shapes; many millions of entries would be needed for more. */
const MOST_PICKLE_BYTES = 256 * 1024 * 1024

const SLACK = 1024

/** @throws PickleError, DugaError model.unreadable, model.needs-export */
export async function readZipCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const archive = await openZip(bytes)
  const names = [...archive.entries.keys()]
  refuseCode(names)
  const name = names.find((entry) => PICKLE.test(entry))
  if (name === undefined) throw new PickleError('the archive holds no data.pkl')
  const folder = PICKLE.exec(name)![1]!
  const pickle = await readEntry(archive, archive.entries.get(name)!, MOST_PICKLE_BYTES)
  const { object } = readStatePickle(createCursor(pickle))
  const { views, ignored } = findState(object)
  checkSizes(views, bytes.length)
  const bigEndian = await isBigEndian(archive, `${folder}byteorder`)
  const data = new Map<Storage, Uint8Array>()
  for (const { storage } of views.values()) {
    if (data.has(storage)) continue
    const entry = archive.entries.get(`${folder}data/${storage.key}`)
    const raw = await readStorage(archive, entry, storage)
    data.set(storage, bigEndian ? swapped(raw, storage.kind.bytes) : raw)
  }
  return { state: toTensors(views, (storage) => data.get(storage)!), ignored }
}

function refuseCode(names: readonly string[]): void {
  const script = names.some((name) => /^[^/]*\/(constants\.pkl|code\/.*)$/.test(name))
  const exported = names.some((name) => /(^|\/)archive_format$/.test(name))
  if (!script && !exported) return
  const what = script ? 'a TorchScript archive' : 'an archive of torch.export'
  throw new DugaError('model.needs-export', { reason: `it is ${what}, whose code is not run` })
}

async function readStorage(
  archive: ZipFile,
  entry: Entry | undefined,
  { key, count, kind }: Storage,
): Promise<Uint8Array> {
  if (entry === undefined) throw new PickleError(`storage ${key} is not in the archive`)
  const size = count * kind.bytes
  const fits = entry.uncompressedSize === size
  // What is small may grow a little where it was compressed.
  const bytes = fits ? await readEntry(archive, entry, size + SLACK) : null
  if (bytes?.length === size) return bytes
  throw new PickleError(`storage ${key} holds ${entry.uncompressedSize} of ${size} bytes`)
}

async function isBigEndian(archive: ZipFile, name: string): Promise<boolean> {
  const entry = archive.entries.get(name)
  // PyTorch before 2.1 does not say; it ran on little-endian machines.
  if (entry === undefined) return false
  const order = Buffer.from(await readEntry(archive, entry, 16)).toString('latin1')
  if (order !== 'little' && order !== 'big') {
    throw new PickleError(`the byte order "${order}" is not known`)
  }
  return order === 'big'
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = Buffer.from(bytes)
  if (width === 2) return copy.swap16()
  if (width === 4) return copy.swap32()
  return width === 8 ? copy.swap64() : copy
}
