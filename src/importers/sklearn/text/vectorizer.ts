// TfidfVectorizer, CountVectorizer and HashingVectorizer → the vectoriser of tensor/text, with the same terms and weights.
import { fromPythonPattern } from '../../../tensor/text/python-pattern.ts'
import { TFIDF_DEFAULTS, type TfidfModel, type TfidfOptions } from '../../../tensor/text/tfidf.ts'
import {
  attribute,
  flagOf,
  has,
  listOf,
  matrixOf,
  numberOf,
  objectOf,
  referenceOf,
  refuse,
  textOf,
  toList,
  vectorOf,
} from '../attributes.ts'
import { SKLEARN_STOP_WORDS } from '../english-stop-words.ts'
import { STRING_SPLIT } from '../globals.ts'
import { PythonObject } from '../python-object.ts'

const VECTORIZERS: ReadonlySet<string> = new Set([
  'TfidfVectorizer',
  'CountVectorizer',
  'HashingVectorizer',
])

export const isVectorizer = (value: unknown): value is PythonObject =>
  value instanceof PythonObject && VECTORIZERS.has(value.kind)

/** @throws DugaError model.unsupported-layer where it was not fitted, or uses code of the user's */
export function toTfidfModel(object: PythonObject): TfidfModel {
  const options = analysisOf(object)
  if (object.kind === 'HashingVectorizer') {
    const features = numberOf(object, 'n_features')
    if (!(features >= 1 && features <= 2 ** 26)) refuse(object, `it has ${features} features`)
    const hashing = { features, alternateSign: flagOf(object, 'alternate_sign', true) }
    const norm = normOf(object)
    return { options: { ...options, norm, useIdf: false }, terms: [], idf: [], hashing }
  }
  const terms = termsOf(object)
  const counts: TfidfModel = {
    options: { ...options, norm: null, useIdf: false },
    terms,
    idf: new Array(terms.length).fill(1),
  }
  return object.kind === 'TfidfVectorizer' ? applyTfidf(counts, objectOf(object, '_tfidf')) : counts
}

/** A TfidfTransformer on top of counts. */
export function applyTfidf(counts: TfidfModel, transformer: PythonObject): TfidfModel {
  const { options, hashing } = counts
  if (options.norm !== null || options.useIdf || options.sublinearTf) {
    refuse(transformer, 'it stands on terms that are weighed already')
  }
  const useIdf = flagOf(transformer, 'use_idf', true)
  const sublinearTf = flagOf(transformer, 'sublinear_tf')
  if (sublinearTf && hashing?.alternateSign === true) {
    refuse(transformer, 'a logarithm of hashed counts needs alternate_sign=False')
  }
  const size = hashing?.features ?? counts.terms.length
  const idf = useIdf ? idfOf(transformer, size) : counts.idf
  return {
    ...counts,
    idf,
    options: { ...options, useIdf, sublinearTf, norm: normOf(transformer) },
  }
}

/** A vector since 1.5, a diagonal matrix before. */
function idfOf(transformer: PythonObject, size: number): number[] {
  const stored = attribute(transformer, '_idf_diag')
  let idf: Float64Array
  if (has(transformer, 'idf_')) idf = vectorOf(transformer, 'idf_')
  else if (stored instanceof PythonObject) idf = vectorOf(stored, 'data')
  else idf = matrixOf(transformer, 'idf_').data
  if (idf.length !== size) refuse(transformer, `it has ${idf.length} weights for ${size} terms`)
  return Array.from(idf)
}

function normOf(object: PythonObject): TfidfOptions['norm'] {
  const norm = attribute(object, 'norm')
  if (norm === null || norm === 'l1' || norm === 'l2') return norm
  return refuse(object, `its norm "${String(norm)}" is none of l1 and l2`)
}

function analysisOf(object: PythonObject): TfidfOptions {
  const splits = referenceOf(object, 'tokenizer') === STRING_SPLIT
  for (const name of ['preprocessor', 'tokenizer']) {
    const known = attribute(object, name) === null || (name === 'tokenizer' && splits)
    if (!known) refuse(object, `its ${name} is code of its own`)
  }
  const analyzer = attribute(object, 'analyzer')
  if (analyzer !== 'word' && analyzer !== 'char' && analyzer !== 'char_wb') {
    return refuse(object, 'its analyzer is code of its own')
  }
  if (textOf(object, 'input') !== 'content') refuse(object, 'it reads files rather than texts')
  const [least, most] = listOf(object, 'ngram_range')
  if (!isSize(least) || !isSize(most) || most < least || most > 64) {
    return refuse(object, 'its ngram_range is no pair of sizes')
  }
  return {
    ...TFIDF_DEFAULTS,
    analyzer,
    ngramRange: [least, most],
    lowercase: flagOf(object, 'lowercase', true),
    stripAccents: accentsOf(object),
    tokenPattern: analyzer === 'word' ? patternOf(object, splits) : TFIDF_DEFAULTS.tokenPattern,
    stopWords: analyzer === 'word' ? stopWordsOf(object) : [],
    binary: flagOf(object, 'binary'),
  }
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0

function accentsOf(object: PythonObject): TfidfOptions['stripAccents'] {
  const value = attribute(object, 'strip_accents')
  if (value === null || value === 'ascii' || value === 'unicode') return value
  return refuse(object, 'its strip_accents is code of its own')
}

function patternOf(object: PythonObject, splits: boolean): string {
  if (splits) return '\\S+'
  const pattern = textOf(object, 'token_pattern')
  try {
    fromPythonPattern(pattern)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    refuse(object, `its token_pattern ${pattern.slice(0, 80)} has no equal in JavaScript`)
  }
  return pattern
}

function stopWordsOf(object: PythonObject): readonly string[] {
  const value = attribute(object, 'stop_words')
  if (value === null) return []
  if (value === 'english') return SKLEARN_STOP_WORDS
  const words = value instanceof Set ? [...value] : toList(value)
  if (words?.every((word) => typeof word === 'string')) return words as string[]
  return refuse(object, 'its stop_words are no list of words')
}

/** `vocabulary_`: term → index. */
function termsOf(object: PythonObject): string[] {
  const vocabulary = attribute(object, 'vocabulary_')
  if (!(vocabulary instanceof Map)) {
    const code = referenceOf(object, 'vocabulary_')
    return refuse(object, code ?? 'it was not fitted before it was saved')
  }
  const terms = new Array<string>(vocabulary.size)
  let set = 0
  for (const [term, index] of vocabulary) {
    const valid = typeof term === 'string' && Number.isSafeInteger(index)
    if (!valid || index < 0 || index >= terms.length) break
    if (terms[index] === undefined) set += 1
    terms[index] = term
  }
  if (set !== terms.length) refuse(object, 'its vocabulary_ does not number its terms from 0')
  return terms
}
