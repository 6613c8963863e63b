// What the vibration service keeps outside the general history goes with it: the contract's table of anomalies.
import type { Stores } from '../../store/stores.ts'
import { toTimestamp } from './timestamps.ts'

/** Deletes anomalies older than an instant (milliseconds since the Unix epoch). */
export async function deleteExpired(
  { stores }: { readonly stores: Stores },
  before: number,
): Promise<void> {
  const bound = toTimestamp(before)
  while ((await stores.vibrationAnomalies.deleteOldest(bound)) > 0);
}
