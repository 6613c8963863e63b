// What the dog service keeps outside the general history goes with it: rows of its own table and their pictures.
import type { Stores } from '../../store/stores.ts'
import { openPictures } from './pictures.ts'

/** Deletes rows older than an instant (milliseconds since the Unix epoch) and their pictures. */
export async function deleteExpired(
  { stores, home }: { readonly stores: Stores; readonly home: string },
  before: number,
): Promise<void> {
  const pictures = openPictures(home)
  for (;;) {
    const rows = await stores.dogHistory.deleteOldest(before)
    if (rows.length === 0) return
    await Promise.all(rows.map(({ imageFilename }) => pictures.remove(imageFilename)))
  }
}
