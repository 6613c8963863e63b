// TF-IDF with scikit-learn's meaning: CountVectorizer's vocabulary, TfidfTransformer's idf and norm. Rows are sparse.
// Several vectorisers side by side make one row, as FeatureUnion does.
import { type AnalyzerOptions, createAnalyzer, createWordAnalyzer } from './analyzer.ts'
import { type Hashing, hashTerms } from './hashing.ts'
import { normalise } from './normalise.ts'

export interface TfidfOptions extends AnalyzerOptions {
  /** Most terms, the commonest first; ties go to the first in sort order. */
  readonly maxFeatures: number | null
  /** Least number of documents a term must stand in. */
  readonly minDf: number
  readonly binary: boolean
  readonly sublinearTf: boolean
  readonly smoothIdf: boolean
  readonly useIdf: boolean
  readonly norm: 'l1' | 'l2' | null
}

/** A fitted vectoriser: plain data, kept as JSON. */
export interface TfidfModel {
  readonly options: TfidfOptions
  /** Terms by feature index. */
  readonly terms: readonly string[]
  /** Inverse document frequency by feature index; all 1 where `useIdf` is false. */
  readonly idf: ArrayLike<number>
  /** Instead of a list of terms, which is then empty; so is `idf` where `useIdf` is false. */
  readonly hashing?: Hashing
}

/** A row of a sparse matrix: feature indices, ascending, and their values. */
export interface SparseRow {
  readonly ids: Int32Array
  readonly values: Float64Array
}

/** Words whose n-grams are kept, some 200 bytes each; a shop's names have a few thousand. */
const KEPT_WORDS = 5000
const LONGEST_KEPT_WORD = 32

export const TFIDF_DEFAULTS: TfidfOptions = {
  analyzer: 'word',
  ngramRange: [1, 1],
  lowercase: true,
  stripAccents: null,
  tokenPattern: '(?u)\\b\\w\\w+\\b',
  stopWords: [],
  maxFeatures: null,
  minDf: 1,
  binary: false,
  sublinearTf: false,
  smoothIdf: true,
  useIdf: true,
  norm: 'l2',
}

/** Learns terms and idf of documents. Terms are in code-unit order. */
export function fitTfidf(documents: readonly string[], options: TfidfOptions): TfidfModel {
  const analyse = createAnalyzer(options)
  const documentCounts = new Map<string, number>()
  const totals = new Map<string, number>()
  for (const document of documents) {
    const terms = analyse(document)
    for (const term of terms) totals.set(term, (totals.get(term) ?? 0) + 1)
    for (const term of new Set(terms)) documentCounts.set(term, (documentCounts.get(term) ?? 0) + 1)
  }
  let terms = [...documentCounts.keys()].filter(
    (t) => (documentCounts.get(t) ?? 0) >= options.minDf,
  )
  terms.sort()
  if (options.maxFeatures !== null && terms.length > options.maxFeatures) {
    terms = [...terms]
      .sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0))
      .slice(0, options.maxFeatures)
      .sort()
  }
  const extra = options.smoothIdf ? 1 : 0
  const idf = terms.map((term) =>
    options.useIdf
      ? Math.log((documents.length + extra) / ((documentCounts.get(term) ?? 0) + extra)) + 1
      : 1,
  )
  return { options, terms, idf }
}

/** Returns the function from a document to its row over the features of all models, in their order. */
export function createTfidfTransform(
  models: readonly TfidfModel[],
): (document: string) => SparseRow {
  const blocks: ((document: string) => SparseRow)[] = []
  let offset = 0
  for (const model of models) {
    blocks.push(
      model.hashing === undefined
        ? createBlock(model, offset)
        : createHashedBlock(model, model.hashing, offset),
    )
    offset += countFeatures(model)
  }
  if (blocks.length === 1) return blocks[0]!
  return (document) => join(blocks.map((block) => block(document)))
}

/** Length of a model's row. */
export function countFeatures({ terms, hashing }: TfidfModel): number {
  return hashing?.features ?? terms.length
}

function createHashedBlock(
  { options, idf }: TfidfModel,
  hashing: Hashing,
  offset: number,
): (document: string) => SparseRow {
  const analyse = createAnalyzer(options)
  return (document) => {
    const { ids, sums } = hashTerms(analyse(document), hashing)
    for (let i = 0; i < ids.length; i++) {
      const sum = options.binary ? 1 : sums[i]!
      const frequency = options.sublinearTf ? 1 + Math.log(sum) : sum
      sums[i] = options.useIdf ? frequency * idf[ids[i]!]! : frequency
      ids[i]! += offset
    }
    normalise(sums, options.norm)
    return { ids, values: sums }
  }
}

function join(rows: readonly SparseRow[]): SparseRow {
  const length = rows.reduce((sum, { ids }) => sum + ids.length, 0)
  const ids = new Int32Array(length)
  const values = new Float64Array(length)
  let at = 0
  for (const row of rows) {
    ids.set(row.ids, at)
    values.set(row.values, at)
    at += row.ids.length
  }
  return { ids, values }
}

/** @param offset of its features in the whole row */
function createBlock(
  { options, terms, idf }: TfidfModel,
  offset: number,
): (document: string) => SparseRow {
  const toIds = createLookup(options, new Map(terms.map((term, id) => [term, id])))
  // All zero between calls; kept, because a map a document would cost more than the arithmetic.
  const counts = new Int32Array(terms.length)
  return (document) => {
    const found: number[] = []
    for (const ids of toIds(document)) {
      for (const id of ids) {
        if (counts[id] === 0) found.push(id)
        counts[id]! += 1
      }
    }
    const ids = new Int32Array(found).sort()
    const values = new Float64Array(ids.length)
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!
      const count = counts[id]!
      counts[id] = 0
      const frequency = options.binary ? 1 : options.sublinearTf ? 1 + Math.log(count) : count
      values[i] = frequency * (idf[id] as number)
      ids[i] = id + offset
    }
    normalise(values, options.norm)
    return { ids, values }
  }
}

/** The features of a document, repeats included, in groups. A word's character n-grams are looked up once. */
function createLookup(
  options: TfidfOptions,
  features: ReadonlyMap<string, number>,
): (document: string) => readonly (readonly number[])[] {
  const find = (terms: readonly string[]): readonly number[] => {
    const ids: number[] = []
    for (const term of terms) {
      const id = features.get(term)
      if (id !== undefined) ids.push(id)
    }
    return ids
  }
  if (options.analyzer !== 'char_wb') {
    const analyse = createAnalyzer(options)
    return (document) => [find(analyse(document))]
  }
  const { toWords, toTerms } = createWordAnalyzer(options)
  const known = new Map<string, readonly number[]>()
  return (document) =>
    toWords(document).map((word) => {
      let ids = known.get(word)
      if (ids === undefined) {
        ids = find(toTerms(word))
        if (known.size >= KEPT_WORDS) known.clear()
        if (word.length <= LONGEST_KEPT_WORD) known.set(word, ids)
      }
      return ids
    })
}
