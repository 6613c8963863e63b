// A version's files → a scorer of names, as the service would answer: for the gate.
import { readFile } from 'node:fs/promises'
import { openLinearText } from '../../engine/inline-linear.ts'
import { loadSession } from '../../engine/runtime.ts'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import type { NameScorer } from './gate.ts'
import { loadEncoder, toFeeds } from './load-encoder.ts'

/** @param paths files of the version by role */
export async function loadScorer(
  manifest: Manifest,
  paths: Readonly<Record<string, string>>,
): Promise<NameScorer> {
  const encode = await loadEncoder(manifest, (role) => readFile(paths[role]!))
  const bytes = await readFile(paths.model!)
  const graph = openLinearText(bytes, manifest)
  const run =
    graph === null ? (await loadSession(bytes)).run : async (feeds: Tensors) => graph.run(feeds)
  const output = manifest.outputs[0]!.name
  return {
    labels: manifest.labels ?? [],
    score: async (name) =>
      Float32Array.from((await run(toFeeds(encode(name).row)))[output]!.data as Float32Array),
  }
}
