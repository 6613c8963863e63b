// Product name → the terms it has and their TF-IDF weights: cleaning, then the fitted vectorisers. Used by the service's
// decode and by its training, from the same plain data.
import { type CleanOptions, createCleaner } from './clean.ts'
import { countFeatures, createTfidfTransform, type SparseRow, type TfidfModel } from './tfidf.ts'

/** The `vocabulary` file of a version. */
export interface Vocabulary {
  readonly format: 1
  /** Vectorisers whose features stand side by side. */
  readonly vectorizers: readonly TfidfModel[]
}

export interface EncodedName {
  /** Tokens left after cleaning; none: the name has no usable word. */
  readonly tokens: readonly string[]
  readonly row: SparseRow
}

const USABLE = /[\p{L}\p{N}]/u

/**
 * @param clean null where the vectorisers were fitted on names as they are: the name is then its own one token
 * @param lemma base form of a token, where the model was trained on lemmas
 */
export function createNameEncoder(
  clean: CleanOptions | null,
  vocabulary: Vocabulary,
  lemma: ((token: string) => string) | null = null,
): (name: string) => EncodedName {
  const toTokens =
    clean === null
      ? (name: string) => (USABLE.test(name) ? [name] : [])
      : createCleaner(clean, lemma)
  const transform = createTfidfTransform(vocabulary.vectorizers)
  return (name) => {
    const tokens = toTokens(name)
    return { tokens, row: transform(tokens.join(' ')) }
  }
}

/** Number of features of all vectorisers. */
export function countTerms({ vectorizers }: Vocabulary): number {
  return vectorizers.reduce((sum, model) => sum + countFeatures(model), 0)
}
