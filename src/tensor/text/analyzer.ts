// Text → terms as scikit-learn's CountVectorizer makes them: lower case, accents, tokens or characters, n-grams.
// Not the cleaning before it: see clean.ts.
import { fromPythonPattern } from './python-pattern.ts'

export const DEFAULT_TOKEN_PATTERN = '(?u)\\b\\w\\w+\\b'

export interface AnalyzerOptions {
  readonly analyzer: 'word' | 'char' | 'char_wb'
  /** Shortest and longest n-gram, in tokens or characters. */
  readonly ngramRange: readonly [number, number]
  readonly lowercase: boolean
  readonly stripAccents: 'ascii' | 'unicode' | null
  /** Python pattern of a token; only for words. */
  readonly tokenPattern: string
  /** Tokens left out before n-grams are made; only for words. */
  readonly stopWords: readonly string[]
}

/**
 * Character n-grams lie inside words, so that a word's may be kept: how a text falls into words, and a word into terms.
 * One after the other they are what {@link createAnalyzer} gives for `char_wb`.
 */
export function createWordAnalyzer(options: AnalyzerOptions): {
  readonly toWords: (text: string) => readonly string[]
  readonly toTerms: (word: string) => string[]
} {
  const prepare = createPreparation(options)
  const { ngramRange } = options
  return {
    toWords: (text) => prepare(text).split(/\s+/),
    toTerms: (word) => boundedCharGrams(word, ngramRange),
  }
}

/** Returns the function that lists a text's terms, repeats included, in scikit-learn's order. */
export function createAnalyzer(options: AnalyzerOptions): (text: string) => string[] {
  const prepare = createPreparation(options)
  const { ngramRange } = options
  if (options.analyzer === 'char') return (text) => charGrams(prepare(text), ngramRange)
  if (options.analyzer === 'char_wb') return (text) => boundedCharGrams(prepare(text), ngramRange)
  const tokenise = createTokeniser(options.tokenPattern)
  const stop = new Set(options.stopWords)
  return (text) => {
    const tokens = tokenise(prepare(text))
    return wordGrams(stop.size === 0 ? tokens : tokens.filter((t) => !stop.has(t)), ngramRange)
  }
}

// scikit-learn drops what has a combining class; the few \p{Mn} of class 0, all Indic, go here too.
function createPreparation({ lowercase, stripAccents }: AnalyzerOptions): (text: string) => string {
  return (text) => {
    const cased = lowercase ? text.toLowerCase() : text
    if (stripAccents === null) return cased
    const decomposed = cased.normalize('NFKD')
    return stripAccents === 'unicode'
      ? decomposed.replaceAll(/\p{Mn}/gu, '')
      : decomposed.replaceAll(/[^\0-\x7f]/g, '')
  }
}

function createTokeniser(pattern: string): (text: string) => string[] {
  if (pattern === DEFAULT_TOKEN_PATTERN) return (text) => text.match(/[\p{L}\p{N}_]{2,}/gu) ?? []
  const expression = fromPythonPattern(pattern)
  return (text) => {
    const tokens: string[] = []
    for (const match of text.matchAll(expression)) tokens.push(match[1] ?? match[0])
    return tokens
  }
}

function wordGrams(tokens: readonly string[], [least, most]: readonly [number, number]): string[] {
  const grams: string[] = []
  for (let n = least; n <= most; n++) {
    for (let i = 0; i + n <= tokens.length; i++)
      grams.push(n === 1 ? (tokens[i] as string) : tokens.slice(i, i + n).join(' '))
  }
  return grams
}

function charGrams(text: string, [least, most]: readonly [number, number]): string[] {
  const units = split(text.replaceAll(/\s\s+/g, ' '))
  const grams: string[] = []
  for (let n = least; n <= Math.min(most, units.length); n++) {
    for (let i = 0; i + n <= units.length; i++) grams.push(join(units, i, i + n))
  }
  return grams
}

/** Character n-grams inside each word padded with one space; a word shorter than n counts once, whole. */
function boundedCharGrams(text: string, [least, most]: readonly [number, number]): string[] {
  const grams: string[] = []
  for (const word of text.split(/\s+/)) {
    if (word === '') continue
    const units = split(` ${word} `)
    for (let n = least; n <= most; n++) {
      grams.push(join(units, 0, n))
      for (let i = 1; i + n <= units.length; i++) grams.push(join(units, i, i + n))
      if (n >= units.length) break
    }
  }
  return grams
}

type Units = string | readonly string[]

/** Code points where the text has surrogates, else the string itself, which is faster to slice. */
function split(text: string): Units {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text
}

function join(units: Units, start: number, end: number): string {
  return typeof units === 'string' ? units.slice(start, end) : units.slice(start, end).join('')
}
