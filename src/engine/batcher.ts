// The queue of decoded items of one version, and which of them share the next batch. A data structure: no timers, no
// lanes. Bounded by admission, which counts every item that can be in here.
import type { Tensors } from '../tensor/tensor.ts'
import type { Rows } from './lane-protocol.ts'
import { batchSignature } from './rows.ts'
import type { Ticket } from './ticket.ts'

export interface BatchItem extends Rows {
  readonly ticket: Ticket
  /** `performance.now()` of its arrival. */
  readonly arrived: number
  /** Runs alone: a lane died with it before. */
  readonly solo: boolean
  /** The buffers may be transferred: they can be made again. */
  readonly owned: boolean
  resolve(outcome: BatchOutcome): void
  reject(error: Error): void
}

export interface BatchOutcome {
  readonly outputs: Tensors
  readonly queueMs: number
  readonly inferenceMs: number
  /** Rows of the batch. */
  readonly batchSize: number
}

export interface Batcher {
  add(item: BatchItem): void
  /** Whether there is a batch that should not wait for company: full, of age, or one that runs alone. */
  due(now: number): boolean
  /** Removes the next batch: items of equal trailing shapes in order of arrival, at most `maxBatch` rows. */
  take(): readonly BatchItem[] | null
}

/** @param maxWaitMs how long an item waits for company while all lanes are busy; with a lane free it never waits */
export function createBatcher(maxBatch: number, maxWaitMs: number): Batcher {
  const groups = new Map<string, BatchItem[]>()
  let solos = 0

  /** The group with the oldest item; abandoned items are dropped on the way. */
  const oldest = (): readonly [string, BatchItem[]] | null => {
    let found: readonly [string, BatchItem[]] | null = null
    for (const [signature, items] of groups) {
      while (items[0] !== undefined && items[0].ticket.abandoned !== null) items.shift()
      if (items.length === 0) groups.delete(signature)
      else if (found === null || items[0]!.arrived < found[1][0]!.arrived)
        found = [signature, items]
    }
    return found
  }

  return {
    add: (item) => {
      // A number in front keeps every solo item in a group of its own.
      const signature = item.solo ? `${solos++}` : batchSignature(item.feeds)
      const group = groups.get(signature)
      if (group === undefined) groups.set(signature, [item])
      else group.push(item)
    },
    due: (now) => {
      const next = oldest()
      if (next === null) return false
      const [first] = next[1] as [BatchItem]
      return first.solo || now - first.arrived >= maxWaitMs || rowsOf(next[1]) >= maxBatch
    },
    take: () => {
      const next = oldest()
      if (next === null) return null
      const [signature, items] = next
      const batch: BatchItem[] = []
      let rows = 0
      while (items.length > 0 && (batch.length === 0 || rows + items[0]!.rows <= maxBatch)) {
        const item = items.shift()!
        if (item.ticket.abandoned !== null) continue
        batch.push(item)
        rows += item.rows
      }
      if (items.length === 0) groups.delete(signature)
      return batch
    },
  }
}

function rowsOf(items: readonly BatchItem[]): number {
  return items.reduce((sum, item) => sum + (item.ticket.abandoned === null ? item.rows : 0), 0)
}
