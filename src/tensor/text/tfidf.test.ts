import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { createTfidfTransform, fitTfidf, TFIDF_DEFAULTS, type TfidfOptions } from './tfidf.ts'

interface Case {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly terms: string[]
  readonly idf: number[]
  readonly documents: number[]
  readonly rows: [number[], number[]][]
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/tfidf.json', import.meta.url), 'utf8'),
) as { train: string[]; test: string[]; cases: Case[] }

for (const { name, options, terms, idf, documents, rows } of fixture.cases) {
  test(`TF-IDF equals scikit-learn: ${name}`, () => {
    const model = fitTfidf(fixture.train, toOptions(options))
    assert.deepEqual(model.terms, terms)
    for (const [i, value] of idf.entries()) near(model.idf[i]!, value)
    const transform = createTfidfTransform([model])
    for (const [i, [ids, values]] of rows.entries()) {
      const row = transform(fixture.test[documents[i]!]!)
      assert.deepEqual([...row.ids], ids)
      for (const [k, value] of values.entries()) near(row.values[k]!, value)
    }
  })
}

test('several vectorisers stand side by side', () => {
  const word = fitTfidf(['teh botol', 'kopi'], TFIDF_DEFAULTS)
  const char = fitTfidf(['teh botol', 'kopi'], {
    ...TFIDF_DEFAULTS,
    analyzer: 'char_wb',
    ngramRange: [3, 3],
  })
  const row = createTfidfTransform([word, char])('kopi')
  assert.deepEqual([...row.ids].slice(0, 2), [1, 3 + char.terms.indexOf(' ko')])
  assert.equal(row.ids.length, 1 + 4)
})

test('the commonest terms are kept, ties in sort order', () => {
  const model = fitTfidf(['bb aa cc', 'cc bb', 'dd'], { ...TFIDF_DEFAULTS, maxFeatures: 3 })
  assert.deepEqual(model.terms, ['aa', 'bb', 'cc'])
})

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`)
}

function toOptions(o: Readonly<Record<string, unknown>>): TfidfOptions {
  return {
    analyzer: o.analyzer as TfidfOptions['analyzer'],
    ngramRange: o.ngram_range as [number, number],
    lowercase: o.lowercase as boolean,
    stripAccents: o.strip_accents as TfidfOptions['stripAccents'],
    tokenPattern: o.token_pattern as string,
    stopWords: (o.stop_words ?? []) as string[],
    maxFeatures: null,
    minDf: o.min_df as number,
    binary: o.binary as boolean,
    sublinearTf: o.sublinear_tf as boolean,
    smoothIdf: o.smooth_idf as boolean,
    useIdf: o.use_idf as boolean,
    norm: o.norm as TfidfOptions['norm'],
  }
}
