// A lock between a lane and the main thread: a worker that is terminated inside a call of onnxruntime aborts the whole
// process (its addon throws through a dying environment), so a lane says when it is inside, and the main thread waits.

const OPEN = 0
const INSIDE = 1
const CONDEMNED = 2

const RETRY_MS = 5

/** Shared by one lane and the main thread; starts as inside, since a starting worker loads native modules. */
export function createGuard(): Int32Array<SharedArrayBuffer> {
  const guard = new Int32Array(new SharedArrayBuffer(4))
  guard[0] = INSIDE
  return guard
}

/** Worker: native modules are loaded, from here on only {@link createNative} closes the lock. */
export function openGuard(guard: Int32Array<SharedArrayBuffer>): void {
  Atomics.compareExchange(guard, 0, INSIDE, OPEN)
}

/**
 * Worker: a function that runs native work during which the thread is not terminated; calls may overlap. In a condemned
 * thread it never returns.
 */
export function createNative(
  guard: Int32Array<SharedArrayBuffer>,
): <T>(work: () => Promise<T>) => Promise<T> {
  let depth = 0
  return async (work) => {
    if (depth === 0 && Atomics.compareExchange(guard, 0, OPEN, INSIDE) === CONDEMNED) {
      Atomics.wait(guard, 0, CONDEMNED)
    }
    depth += 1
    try {
      return await work()
    } finally {
      depth -= 1
      if (depth === 0) Atomics.compareExchange(guard, 0, INSIDE, OPEN)
    }
  }
}

/** Main thread: resolves when the worker is outside native work and can no longer enter it. */
export async function condemn(guard: Int32Array<SharedArrayBuffer>): Promise<void> {
  while (Atomics.compareExchange(guard, 0, OPEN, CONDEMNED) === INSIDE) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

/** Main thread, when the process exits: as {@link condemn}, but blocking, and for `limitMs` at most. */
export function condemnNow(guard: Int32Array<SharedArrayBuffer>, limitMs: number): void {
  const end = performance.now() + limitMs
  while (Atomics.compareExchange(guard, 0, OPEN, CONDEMNED) === INSIDE) {
    if (performance.now() > end) return
    Atomics.wait(guard, 0, INSIDE, RETRY_MS)
  }
}
