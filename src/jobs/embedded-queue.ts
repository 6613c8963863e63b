// The job queue in the server's own database: no broker, jobs survive restarts.
import type { JobStore } from '../store/jobs.ts'
import type { JobQueue } from './queue.ts'

/** @param changed called after a job was submitted or cancelled, so that a supervisor need not wait for its next look */
export function createEmbeddedQueue(store: JobStore, changed: () => void = () => {}): JobQueue {
  return {
    submit: async (request) => {
      const job = await store.accept(request)
      changed()
      return job
    },
    get: (id) => store.get(id),
    list: (options) => store.list(options),
    cancel: async (id) => {
      const job = await store.cancel(id)
      changed()
      return job
    },
    resume: async (id) => {
      const job = await store.resume(id)
      changed()
      return job
    },
  }
}
