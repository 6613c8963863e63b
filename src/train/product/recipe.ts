// How a product classifier is made: cleaning, terms, strength. Chosen by grouped cross-validation on the training part
// of the bundled list; a user's data goes through the same.
import type { CleanOptions } from '../../tensor/text/clean.ts'
import { STOP_WORDS } from '../../tensor/text/stop-words.ts'
import { TFIDF_DEFAULTS, type TfidfOptions } from '../../tensor/text/tfidf.ts'

export interface ProductRecipe {
  readonly clean: CleanOptions
  /** Vectorisers side by side; at most 15,000 terms together. */
  readonly vectorizers: readonly TfidfOptions[]
  /** Inverse strength of the regularisation. */
  readonly c: number
  readonly tolerance: number
  /** Folds whose held-out margins the calibration is fitted on. */
  readonly folds: number
}

/** Words, and pieces of three and four letters within words for typos and abbreviations. No lemmas: the names are Indonesian. */
export const PRODUCT_RECIPE: ProductRecipe = {
  clean: {
    nfkc: true,
    punctuation: 'space',
    splitDigits: true,
    minLength: 2,
    stopWords: STOP_WORDS['english+indonesian']!,
  },
  vectorizers: [
    { ...TFIDF_DEFAULTS, maxFeatures: 6000 },
    {
      ...TFIDF_DEFAULTS,
      analyzer: 'char_wb',
      ngramRange: [3, 4],
      sublinearTf: true,
      maxFeatures: 9000,
    },
  ],
  c: 1,
  // liblinear's own default for this solver; tighter ones change no decision that matters and take longer.
  tolerance: 0.1,
  folds: 5,
}
