// Product names → tokens, before any vectoriser: NFKC, lower case, no punctuation, no stop words, no one-letter tokens,
// lemmas where a dictionary is given. The same at training and at serving.

export interface CleanOptions {
  /** NFKC first, so that full-width letters, ligatures and ² read as their plain forms. Python models had none. */
  readonly nfkc: boolean
  /** `space`: punctuation parts tokens, as NLTK's RegexpTokenizer. `remove`: ASCII punctuation vanishes, as str.translate. */
  readonly punctuation: 'space' | 'remove'
  /** Puts a space between digits and letters, so that `250ml` and `250 ml` are the same. */
  readonly splitDigits: boolean
  /** Shortest token kept, in code points. */
  readonly minLength: number
  readonly stopWords: readonly string[]
}

const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g
// With marks, as the `regex` module that NLTK uses: a decomposed letter stays whole.
const LETTERS_AND_DIGITS = /[\p{L}\p{M}\p{N}]+/gu
const PARTS = /[\p{L}\p{M}]+|\p{N}+/gu

/**
 * @param lemma base form of a token; see lemma.ts
 * @returns a function from a raw name to its tokens, in order; none where nothing usable is left
 */
export function createCleaner(
  options: CleanOptions,
  lemma: ((token: string) => string) | null = null,
): (name: string) => string[] {
  const stop = new Set(options.stopWords)
  const { minLength } = options
  const shortest = (token: string) =>
    token.length >= minLength &&
    (token.length >= 2 * minLength || Array.from(token).length >= minLength)
  return (name) => {
    const kept: string[] = []
    for (const token of tokenise(name, options)) {
      if (shortest(token) && !stop.has(token)) kept.push(lemma === null ? token : lemma(token))
    }
    return kept
  }
}

function tokenise(name: string, options: CleanOptions): readonly string[] {
  const text = (options.nfkc ? name.normalize('NFKC') : name).toLowerCase()
  if (options.punctuation === 'remove') {
    return text
      .replaceAll(ASCII_PUNCTUATION, '')
      .split(/\s+/)
      .filter((token) => token !== '')
  }
  return text.match(options.splitDigits ? PARTS : LETTERS_AND_DIGITS) ?? []
}

/** What is wrong with options that a person wrote; null where they are whole. */
export function checkCleanOptions(options: { readonly [key: string]: unknown }): string | null {
  const { nfkc, punctuation, splitDigits, minLength, stopWords } = options
  if (typeof nfkc !== 'boolean') return 'nfkc is neither true nor false'
  if (punctuation !== 'space' && punctuation !== 'remove') {
    return 'punctuation is neither "space" nor "remove"'
  }
  if (typeof splitDigits !== 'boolean') return 'splitDigits is neither true nor false'
  if (!Number.isSafeInteger(minLength)) return 'minLength is no whole number'
  const words = Array.isArray(stopWords) && stopWords.every((word) => typeof word === 'string')
  return words ? null : 'stopWords is no list of words'
}
