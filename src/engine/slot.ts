// The place of a service's active version: requests lease it, a swap moves the pointer, the old version is closed when
// its last lease ends. Nothing is dropped, and no request sees two versions.

import type { Manifest, VersionFiles } from '../manifest.ts'
import type { LoadedVersion } from './loaded-version.ts'

export interface Lease {
  readonly version: LoadedVersion
  /** Exactly once. */
  release(): void
}

export interface Slot {
  active(): Manifest | null
  /** null where no version is loaded. */
  lease(): Lease | null
  /** Opens a version, warms it up and replays its golden, for a swap that may follow; a second one replaces it. */
  prepare(files: VersionFiles): Promise<void>
  /**
   * Opens a version beside the active one (which serves on, also when this throws), then moves the pointer. Swaps of
   * one slot happen one after another; the active version again is a no-op.
   */
  swap(files: VersionFiles): Promise<void>
  /** Takes the active version out and waits until all of the slot's versions are closed. */
  close(): Promise<void>
}

interface Holder {
  readonly version: LoadedVersion
  leases: number
  retired: boolean
  readonly closed: PromiseWithResolvers<void>
}

/** @param onTrouble told when an old version cannot be closed */
export function createSlot(
  open: (files: VersionFiles) => Promise<LoadedVersion>,
  onTrouble: (error: Error) => void,
): Slot {
  let current: Holder | null = null
  let prepared: LoadedVersion | null = null
  let turn: Promise<void> = Promise.resolve()
  const retiring = new Set<Holder>()

  const close = async (holder: Holder) => {
    await holder.version.close().catch(onTrouble)
    retiring.delete(holder)
    holder.closed.resolve()
  }
  const retire = (holder: Holder | null) => {
    if (holder === null) return
    holder.retired = true
    retiring.add(holder)
    if (holder.leases === 0) void close(holder)
  }
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  const takePrepared = ({ manifest }: VersionFiles): LoadedVersion | null => {
    if (prepared?.manifest.version !== manifest.version) return null
    const version = prepared
    prepared = null
    return version
  }
  const dropPrepared = async () => {
    const version = prepared
    prepared = null
    await version?.close().catch(onTrouble)
  }

  return {
    active: () => current?.version.manifest ?? null,
    lease: () => {
      const holder = current
      if (holder === null) return null
      holder.leases += 1
      return {
        version: holder.version,
        release: () => {
          holder.leases -= 1
          if (holder.retired && holder.leases === 0) void close(holder)
        },
      }
    },
    prepare: (files) =>
      inTurn(async () => {
        const { version } = files.manifest
        if (current?.version.manifest.version === version) return
        if (prepared?.manifest.version === version) return
        await dropPrepared()
        prepared = await open(files)
      }),
    swap: (files) =>
      inTurn(async () => {
        if (current?.version.manifest.version === files.manifest.version) return
        const version = takePrepared(files) ?? (await open(files))
        const old = current
        current = { version, leases: 0, retired: false, closed: Promise.withResolvers<void>() }
        retire(old)
      }),
    close: () =>
      inTurn(async () => {
        retire(current)
        current = null
        await dropPrepared()
        await Promise.all([...retiring].map(({ closed }) => closed.promise))
      }),
  }
}
