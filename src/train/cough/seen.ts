// Which recordings a version was trained on, by content: they are no test of it.
import { readFile } from 'node:fs/promises'
import { gunzipSync, strFromU8 } from 'fflate'

/** @param path of the version's file `seen`; a version that was imported has none and has seen nothing we know of */
export async function readSeen(path: string | undefined): Promise<ReadonlySet<string>> {
  if (path === undefined) return new Set()
  return new Set(JSON.parse(strFromU8(gunzipSync(await readFile(path)))) as readonly string[])
}
