// Removes blobs that no version names any more.
import type { RegistryOptions } from './registry.ts'

type Options = Pick<RegistryOptions, 'stores' | 'blobs'>

/** @returns how many of the given blobs are gone; those that a version names stay. */
export async function removeBlobs(
  { stores, blobs }: Options,
  hashes: readonly string[],
): Promise<number> {
  let removed = 0
  for (const sha256 of new Set(hashes)) {
    const isNamed = async () => (await namedBlobs(stores)).has(sha256)
    if (await blobs.removeUnless(sha256, isNamed)) removed++
  }
  return removed
}

/** @returns how many blobs were removed. */
export async function collectBlobs(options: Options): Promise<number> {
  const named = await namedBlobs(options.stores)
  const orphans = (await options.blobs.list()).filter((sha256) => !named.has(sha256))
  return removeBlobs(options, orphans)
}

async function namedBlobs({ versions }: Options['stores']): Promise<Set<string>> {
  const manifests = await versions.manifests()
  return new Set(manifests.flatMap(({ files }) => Object.values(files).map((file) => file.sha256)))
}
