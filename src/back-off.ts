// Trying again later: how long to wait, and waiting that can be cut short.
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Exponential back-off: doubles with each failure up to `mostMs`, of which half to all is waited at random, so that many
 * who failed together do not come back together.
 * @param failures in a row, 1 or more
 * @returns milliseconds
 */
export function backOff(
  failures: number,
  { firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number },
): number {
  return Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
}

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {})
}
