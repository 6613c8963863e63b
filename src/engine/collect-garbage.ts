// Gives the memory of dead arrays back soon. Pixels and samples lie outside V8's heap: a lane that decodes makes megabytes
// of them with hardly an object on the heap, so V8 would let some 64 MB gather before it looks.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

const STEP_BYTES = 12 * 1024 * 1024

/**
 * @returns a function to call between tasks: where more than `step` bytes outside the heap have gathered since the last
 * time, it collects the young generation, which takes a millisecond or two
 */
export function createCollector(step = STEP_BYTES): () => void {
  const collect = exposeCollect()
  let before = getHeapStatistics().external_memory
  return () => {
    const now = getHeapStatistics().external_memory
    // Dead arrays are freed by another thread, some of them after the collection.
    before = Math.min(before, now)
    if (now - before < step) return
    collect({ type: 'minor' })
    before = getHeapStatistics().external_memory
  }
}

/**
 * The function is only in contexts that are made while the flag is set. It stays set: the flag is one for all threads, and
 * another may be between these two lines.
 */
function exposeCollect(): Collect {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as Collect
}
