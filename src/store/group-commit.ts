// Gathers what is to be written in one turn of the event loop into one transaction. Each write resolves when it is committed.
// A write that fails does so alone: its batch is then written one by one, unless the database itself is away.

interface Waiting<Item> {
  readonly item: Item
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export interface GroupCommit<Item> {
  /** Resolves when the item is committed; rejects with what its own write threw. */
  add(item: Item): Promise<void>
  /** Resolves when everything added so far is committed or has failed. */
  drain(): Promise<void>
}

/**
 * @param write commits all items or none.
 * @param options.isFault whether an error is one item's fault, so that the others may still succeed
 */
export function createGroupCommit<Item>(
  write: (items: readonly Item[]) => Promise<void>,
  {
    largest = 128,
    isFault,
  }: { readonly largest?: number; readonly isFault: (reason: unknown) => boolean },
): GroupCommit<Item> {
  let waiting: Waiting<Item>[] = []
  let running: Promise<void> | undefined
  const work = async () => {
    // After the poll phase: answers that became ready together are committed together.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, largest)
      waiting = waiting.slice(largest)
      await settle(batch, write, isFault)
    }
    running = undefined
  }
  return {
    add: (item) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        running ??= work()
      }),
    drain: async () => {
      while (running !== undefined) await running
    },
  }
}

async function settle<Item>(
  batch: readonly Waiting<Item>[],
  write: (items: readonly Item[]) => Promise<void>,
  isFault: (reason: unknown) => boolean,
): Promise<void> {
  try {
    await write(batch.map(({ item }) => item))
    for (const { resolve } of batch) resolve()
  } catch (reason) {
    if (batch.length === 1 || !isFault(reason)) {
      for (const { reject } of batch) reject(reason)
      return
    }
    for (const one of batch) await settle([one], write, isFault)
  }
}
