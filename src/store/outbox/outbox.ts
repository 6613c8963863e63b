// A queue on disk of what waits to be written elsewhere: append-only segment files, read from the oldest record on.
// What `append` has resolved survives kill -9; it is synced within a second, as far as a loss of power goes. Bounded:
// past the limit the oldest segment is dropped and counted. One process at a time, which the lock of the home assures.
import { randomUUID } from 'node:crypto'
import { mkdir, rm, truncate } from 'node:fs/promises'
import { keepText } from '../home.ts'
import { encodeRecords, type OutboxRecord, parseRecords } from './segment.ts'
import {
  createSegment,
  findSegments,
  readCursor,
  readRange,
  type Segment,
  scan,
  writeAll,
  writeCursor,
} from './segment-files.ts'

export interface Outbox {
  /** Made with the folder, and as lasting. */
  readonly id: string
  /** Resolves when the records are in the file. @throws an error of the disk; none of them is then in the outbox */
  append(payloads: readonly Uint8Array[]): Promise<void>
  /** The oldest records, in order; empty where nothing waits. */
  read(most: number): Promise<readonly OutboxRecord[]>
  /** Forgets what ends at or before this place. @param count how many records that are */
  advance(end: number, count: number): Promise<void>
  state(): OutboxState
  close(): Promise<void>
}

export interface OutboxState {
  readonly records: number
  readonly bytes: number
  /** Records lost since the process started: past the limit, or damaged on disk. */
  readonly dropped: number
}

export interface OutboxOptions {
  /** Most bytes on disk, 1 MiB or more. */
  readonly maxBytes: number
  readonly onDropped?: (records: number) => void
  readonly onFault?: (error: unknown) => void
}

const SYNC_MS = 1000
const READ_BYTES = 2 * 1024 * 1024
const MAX_SEGMENT_BYTES = 8 * 1024 * 1024
/** Places are never given twice, even where a loss of power took unsynced records away. */
const GAP = 2 ** 30

/** Opens or makes the folder; a torn last record is cut off. */
export async function openOutbox(folder: string, options: OutboxOptions): Promise<Outbox> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const id = await keepText(folder, 'id', randomUUID)
  const found = await findSegments(folder)
  let cursor = await readCursor(folder)
  let records = 0
  let dropped = 0
  const last = found.at(-1)
  for (const segment of found) {
    const scanned = await scan(segment, cursor)
    records += scanned.records
    segment.size = scanned.bytes
    if (scanned.damaged === 0) continue
    // The last record was torn by a kill before anybody was told that it is there; elsewhere the disk is at fault.
    await truncate(segment.path, scanned.bytes)
    if (segment === last) continue
    options.onFault?.(new Error(`${segment.path}: ${scanned.damaged} damaged bytes were cut off`))
  }
  let segments: Segment[] = found.filter(({ start, size }) => size > 0 && start + size > cursor)
  const stale = found.filter((segment) => !segments.includes(segment))
  const end = Math.max(cursor, last === undefined ? 0 : last.start + last.size)
  let { segment: active, file } = await createSegment(folder, last === undefined ? 0 : end + GAP)
  segments.push(active)
  for (const { path } of stale) await rm(path)

  const bytesWaiting = (): number =>
    segments.reduce((sum, { start, size }) => sum + size - inside(cursor, start, size), 0)

  let dirty: NodeJS.Timeout | undefined
  const sync = async (): Promise<void> => {
    clearTimeout(dirty)
    dirty = undefined
    await file.datasync()
  }
  const planSync = (): void => {
    dirty ??= setTimeout(() => {
      dirty = undefined
      exclusively(sync).catch((error: unknown) => options.onFault?.(error))
    }, SYNC_MS).unref()
  }

  // Writing, rotating, dropping and advancing change the same list, one after another.
  let tail: Promise<unknown> = Promise.resolve()
  const exclusively = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = tail.then(work)
    tail = result.catch(() => undefined)
    return result
  }

  const rotate = async (): Promise<void> => {
    await sync()
    const next = await createSegment(folder, active.start + active.size)
    await file.close()
    ;({ segment: active, file } = next)
    segments.push(active)
  }

  const dropOldest = async (): Promise<void> => {
    const oldest = segments.shift()!
    const { records: count } = await scan(oldest, cursor)
    cursor = Math.max(cursor, oldest.start + oldest.size)
    await rm(oldest.path)
    records -= count
    dropped += count
    if (count > 0) options.onDropped?.(count)
  }

  const write = async (payloads: readonly Uint8Array[]): Promise<void> => {
    const bytes = encodeRecords(payloads)
    try {
      await writeAll(file, bytes, active.size)
    } catch (error) {
      await file.truncate(active.size)
      throw error
    }
    active.size += bytes.length
    records += payloads.length
    planSync()
    if (active.size >= Math.min(MAX_SEGMENT_BYTES, options.maxBytes / 4)) await rotate()
    while (segments.length > 1 && bytesWaiting() > options.maxBytes) await dropOldest()
  }

  // Appends of one turn become one write.
  let waiting: {
    readonly payloads: readonly Uint8Array[]
    readonly done: PromiseWithResolvers<void>
  }[] = []
  const flush = async (): Promise<void> => {
    const group = waiting
    waiting = []
    try {
      await write(group.flatMap(({ payloads }) => payloads))
      for (const { done } of group) done.resolve()
    } catch (error) {
      for (const { done } of group) done.reject(error)
    }
  }

  const skipDamage = async (segment: Segment): Promise<void> => {
    dropped += 1
    options.onDropped?.(1)
    records = 0
    for (const other of segments)
      if (other !== segment) records += (await scan(other, cursor)).records
    cursor = segment.start + segment.size
  }

  const read = async (most: number): Promise<readonly OutboxRecord[]> => {
    for (;;) {
      const segment = segments.find(({ start, size }) => size > 0 && start + size > cursor)
      if (segment === undefined) return []
      const from = inside(cursor, segment.start, segment.size)
      const length = Math.min(segment.size - from, READ_BYTES)
      const bytes = await readRange(segment.path, from, length)
      const parsed = parseRecords(bytes, segment.start + from, most)
      if (parsed.records.length > 0) return parsed.records
      await skipDamage(segment)
    }
  }

  return {
    id,
    append: (payloads) => {
      if (payloads.length === 0) return Promise.resolve()
      const done = Promise.withResolvers<void>()
      waiting.push({ payloads, done })
      if (waiting.length === 1) void exclusively(flush)
      return done.promise
    },
    read: (most) => exclusively(() => read(most)),
    advance: (to, count) =>
      exclusively(async () => {
        // What was dropped meanwhile is counted already.
        if (to <= cursor) return
        cursor = to
        records -= count
        const done = segments.filter((one) => one !== active && one.start + one.size <= cursor)
        segments = segments.filter((one) => !done.includes(one))
        await writeCursor(folder, cursor)
        for (const { path } of done) await rm(path)
      }),
    state: () => ({ records, bytes: bytesWaiting(), dropped }),
    close: () =>
      exclusively(async () => {
        await sync()
        await file.close()
      }),
  }
}

/** How far a place lies inside a segment, 0..size. */
function inside(place: number, start: number, size: number): number {
  return Math.min(Math.max(place - start, 0), size)
}
