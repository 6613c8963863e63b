// What a product version's manifest and data files say of turning a name into the graph's inputs.
import { gunzipSync, strFromU8 } from 'fflate'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import type { CleanOptions } from '../../tensor/text/clean.ts'
import { createNounLemmatiser, parseNounDictionary } from '../../tensor/text/lemma.ts'
import {
  createNameEncoder,
  type EncodedName,
  type Vocabulary,
} from '../../tensor/text/name-encoder.ts'
import type { SparseRow } from '../../tensor/text/tfidf.ts'

/** The feeds of one row; a name without a known term is one term of weight 0. */
export function toFeeds({ ids, values }: SparseRow): Tensors {
  const width = Math.max(1, ids.length)
  const longs = new BigInt64Array(width)
  // Ids are below 2³¹: their low halves are all there is to write, and no BigInt is made for each.
  const halves = new Int32Array(longs.buffer)
  const weights = new Float32Array(width)
  weights.set(values)
  for (let k = 0; k < ids.length; k++) halves[2 * k] = ids[k]!
  return {
    ids: { type: 'int64', dims: [1, width], data: longs },
    weights: { type: 'float32', dims: [1, width], data: weights },
  }
}

/**
 * Builds the encoder that a version's manifest describes: `decode.clean` (null: names as they are), `decode.lemmas`, and the files `vocabulary`
 * (JSON) and, with lemmas, `lemmas` (gzipped noun dictionary).
 */
export async function loadEncoder(
  manifest: Manifest,
  file: (role: string) => Promise<Uint8Array>,
): Promise<(name: string) => EncodedName> {
  const { clean, lemmas } = manifest.decode
  const vocabulary = JSON.parse(strFromU8(await file('vocabulary'))) as Vocabulary
  const lemma =
    lemmas === true
      ? createNounLemmatiser(parseNounDictionary(strFromU8(gunzipSync(await file('lemmas')))))
      : null
  return createNameEncoder((clean ?? null) as unknown as CleanOptions | null, vocabulary, lemma)
}
