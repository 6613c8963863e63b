// Tells who serves a service when its active version changes, in this process or another.
import type { ActiveVersion, ActiveVersionStore } from '../store/active-versions.ts'

type Watcher = (active: ActiveVersion) => Promise<void> | void

export interface WatchActive {
  /**
   * Calls back after every change of a service's active version, from now on.
   * @returns a function that ends it
   */
  watch(service: string, changed: Watcher): () => void
  /**
   * Reads which versions are active and resolves when those who watch have dealt with the changes.
   * Rejects with the first failure of a watcher; the change is told again at the next look.
   */
  refresh(): Promise<void>
}

export async function createActiveWatch(store: ActiveVersionStore): Promise<WatchActive> {
  const watchers = new Map<string, Set<Watcher>>()
  const told = new Map<string, number>()
  for (const { service, revision } of await store.list()) told.set(service, revision)
  const tell = async (active: ActiveVersion) => {
    const calls = [...(watchers.get(active.service) ?? [])].map(async (watcher) => watcher(active))
    const failed = (await Promise.allSettled(calls)).find((call) => call.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    told.set(active.service, active.revision)
  }
  const look = async () => {
    const changed = (await store.list()).filter(
      ({ service, revision }) => told.get(service) !== revision,
    )
    for (const active of changed) await tell(active)
  }
  let last: Promise<void> = Promise.resolve()
  return {
    watch: (service, changed) => {
      const set = watchers.get(service) ?? new Set()
      watchers.set(service, set.add(changed))
      return () => {
        set.delete(changed)
      }
    },
    refresh: () => {
      // One after another: two looks at once would tell the same change twice.
      const next = last.then(look)
      last = next.catch(() => {})
      return next
    },
  }
}
