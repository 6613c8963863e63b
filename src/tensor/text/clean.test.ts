import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type CleanOptions, createCleaner } from './clean.ts'
import { createNounLemmatiser, formatNounDictionary, parseNounDictionary } from './lemma.ts'
import { fromPythonPattern } from './python-pattern.ts'

const read = (url: string) => readFileSync(new URL(url, import.meta.url))
const fixture = <T>(name: string) => JSON.parse(read(`fixtures/${name}.json`).toString()) as T
const dictionary = parseNounDictionary(
  gunzipSync(read('../../../models/product/data/wordnet-nouns.txt.gz')).toString(),
)
const lemmatise = createNounLemmatiser(dictionary)

// What the reference script's models were trained with.
const OPTIONS: CleanOptions = {
  nfkc: false,
  punctuation: 'space',
  splitDigits: false,
  minLength: 2,
  stopWords: 'dan di ke dari yang untuk dengan isi the of and for with in a an'.split(' '),
}

test('cleaning equals NLTK and Python', () => {
  type Row = { name: string; space: string[]; remove: string[]; lemmas: string[] }
  for (const row of fixture<Row[]>('cleaning')) {
    assert.deepEqual(createCleaner(OPTIONS)(row.name), row.space, row.name)
    assert.deepEqual(createCleaner({ ...OPTIONS, punctuation: 'remove' })(row.name), row.remove)
    assert.deepEqual(createCleaner(OPTIONS, lemmatise)(row.name), row.lemmas, row.name)
  }
})

test('lemmas equal NLTK', () => {
  for (const [word, lemma] of fixture<[string, string][]>('lemmas')) {
    assert.equal(lemmatise(word), lemma, word)
  }
})

test('the dictionary survives its text form', () => {
  const nouns = ['a', 'ab', 'abc', 'b', `${'x'.repeat(40)}a`, `${'x'.repeat(40)}b`]
  const again = parseNounDictionary(
    formatNounDictionary({ nouns, exceptions: [['mice', 'mouse']] }),
  )
  assert.deepEqual([...again.nouns], nouns)
  assert.deepEqual(again.exceptions.get('mice'), ['mouse'])
})

test('NFKC and the split of digits make one of two spellings', () => {
  const clean = createCleaner({ ...OPTIONS, nfkc: true, splitDigits: true })
  assert.deepEqual(clean('ＳＵＳＵ 250ml'), clean('susu 250 ml'))
  assert.deepEqual(clean('dan & – 5 !'), [])
})

test('tokens of any text are lower-case, long enough and no stop words; cleaning again changes nothing', () => {
  const clean = createCleaner(OPTIONS)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const tokens = clean(text)
      for (const token of tokens) {
        assert.ok(Array.from(token).length >= 2 && !OPTIONS.stopWords.includes(token))
        assert.match(token, /^[\p{L}\p{M}\p{N}]+$/u)
      }
      assert.deepEqual(clean(tokens.join(' ')), tokens)
    }),
  )
})

test('a Python pattern that JavaScript reads otherwise is refused', () => {
  for (const pattern of ['(?i)\\w+', '(?P<x>a)', 'a++', '\\Aab']) {
    assert.throws(() => fromPythonPattern(pattern), SyntaxError, pattern)
  }
  assert.deepEqual('a-b c_d é9'.match(fromPythonPattern('[^\\W_]+')), ['a', 'b', 'c', 'd', 'é9'])
  assert.deepEqual('a.b/c&&d'.match(fromPythonPattern('[\\w./&]+')), ['a.b/c&&d'])
})
