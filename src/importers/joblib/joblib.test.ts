import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { NumpyArray } from '../numpy/array.ts'
import { PickleError } from '../pickle/cursor.ts'
import { vectorOf } from '../sklearn/attributes.ts'
import { PythonObject } from '../sklearn/python-object.ts'
import { readEstimator } from '../sklearn/read-estimator.ts'
import { decompress } from './decompress.ts'

interface Fixture {
  readonly compressed: Readonly<Record<string, string>>
  readonly mean: readonly number[]
  readonly sum: number
  readonly arrays: Readonly<Record<string, { readonly joblib: string; readonly pickles: string[] }>>
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/files.json', import.meta.url), 'utf8'),
) as Fixture
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

for (const [method, file] of Object.entries(fixture.compressed)) {
  test(`reads a file of joblib: ${method}`, () => {
    const scaler = readEstimator(bytesOf(file))
    assert.ok(scaler instanceof PythonObject)
    assert.equal(scaler.kind, 'StandardScaler')
    assert.deepEqual([...vectorOf(scaler, 'mean_')], fixture.mean)
    const sum = vectorOf(scaler, 'rows').reduce((all, value) => all + value, 0)
    assert.ok(Math.abs(sum - fixture.sum) < 1e-6 * Math.abs(fixture.sum))
  })
}

const count = (length: number) => Array.from({ length }, (_, at) => at)
const EXPECTED: Readonly<Record<string, { readonly shape: number[]; readonly values: unknown[] }>> =
  {
    c: { shape: [2, 3, 4], values: count(24) },
    fortran: { shape: [2, 3, 4], values: count(24) },
    bigEndian: { shape: [2, 3], values: count(6) },
    half: { shape: [2], values: [0.5, -2] },
    bool: { shape: [2], values: [1, 0] },
    int64: { shape: [2], values: [2n ** 62n, -1n] },
    unicode: { shape: [2, 2], values: ['satu', 'dua', '', '🐕'] },
    bytes: { shape: [2], values: ['ab', 'c'] },
    objects: { shape: [2, 2], values: ['satu', null, 'dua', 'tiga'] },
    empty: { shape: [0, 3], values: [] },
    mapped: { shape: [5], values: count(5) },
  }

for (const [name, { joblib, pickles }] of Object.entries(fixture.arrays)) {
  test(`reads arrays of numpy: ${name}`, () => {
    for (const file of [joblib, ...pickles]) {
      const array = readEstimator(bytesOf(file))
      if (name === 'scalar') {
        assert.equal(array, 1.5)
        continue
      }
      assert.ok(array instanceof NumpyArray)
      if (name === 'record') {
        const columns = array.values as ReadonlyMap<string, ArrayLike<number>>
        assert.deepEqual(Array.from(columns.get('left')!), [1n, -1n])
        assert.deepEqual(Array.from(columns.get('threshold')!), [2.5, 0.5])
        continue
      }
      assert.deepEqual([...array.shape], EXPECTED[name]!.shape)
      assert.deepEqual(Array.from(array.values as ArrayLike<unknown>), EXPECTED[name]!.values)
    }
  })
}

test('damaged compression is an error, whatever was changed or cut off', () => {
  for (const [method, file] of Object.entries(fixture.compressed)) {
    const bytes = bytesOf(file)
    if (method === 'raw') continue
    for (let cut = 6; cut < bytes.length; cut += Math.ceil(bytes.length / 40)) {
      const failed = attempt(() => decompress(bytes.subarray(0, cut)))
      // LZMA with an end marker, and bzip2, may lack only what follows their data.
      assert.ok(failed !== null || cut > bytes.length - 16, `${method} cut at ${cut}`)
      const changed = bytes.slice()
      changed[cut]! ^= 1 << (cut % 8)
      attempt(() => decompress(changed))
    }
  }
})

function attempt(work: () => unknown): PickleError | null {
  try {
    work()
    return null
  } catch (error) {
    if (error instanceof PickleError) return error
    throw error
  }
}
