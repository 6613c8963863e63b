import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { DugaError } from '../../errors.ts'
import { NumpyArray } from '../numpy/array.ts'
import type { PickleValue } from '../pickle/machine.ts'
import { convert } from './import-sklearn.ts'
import { PythonObject } from './python-object.ts'
import { readEstimator } from './read-estimator.ts'

const fixture = JSON.parse(
  gunzipSync(readFileSync(new URL('fixtures/1.2.json.gz', import.meta.url))).toString(),
) as { readonly cases: readonly { readonly name: string; readonly file: string }[] }
const fileOf = (wanted: string): Uint8Array =>
  new Uint8Array(Buffer.from(fixture.cases.find(({ name }) => name === wanted)!.file, 'base64'))

function object(kind: string, attributes: Readonly<Record<string, PickleValue>>): PythonObject {
  const made = new PythonObject(`sklearn.any ${kind}`, [])
  made.attributes = new Map(Object.entries(attributes))
  return made
}

function floats(shape: readonly number[], values: readonly number[]): NumpyArray {
  const array = new NumpyArray()
  array.shape = shape
  array.values = Float64Array.from(values)
  return array
}

const refused = (value: PickleValue, message: RegExp): Promise<void> =>
  assert.rejects(
    async () => convert([value]),
    (error) => error instanceof DugaError && message.test(error.message),
  )

test('code of the user is named, not run', () => {
  for (const [pickle, name] of [
    ["cos\nsystem\n(S'true'\ntR.", 'os.system'],
    ['c__main__\nmy_tokenizer\n.', '__main__.my_tokenizer'],
    ['cbuiltins\neval\n.', 'builtins.eval'],
    ["cbuiltins\ngetattr\n(cbuiltins\nstr\nS'format'\ntR.", 'builtins.getattr of format'],
    ['cjoblib.numpy_pickle\nNDArrayWrapper\n.', 'joblib.numpy_pickle.NDArrayWrapper'],
    ['csklearn.ensemble._own\nForest\n.', 'sklearn.ensemble._own.Forest'],
  ] as const) {
    assert.throws(
      () => readEstimator(Buffer.from(pickle, 'latin1')),
      (error) =>
        error instanceof DugaError &&
        error.message.includes(`asks for`) &&
        error.message.includes(name),
      name,
    )
  }
})

test('models that hold themselves, or one part a thousand times, end', async () => {
  const loop = object('Pipeline', {})
  loop.attributes = new Map([['steps', [['again', loop]]]])
  await refused(loop, /more steps than anyone would write/)
  const scaler = object('StandardScaler', { n_features_in_: 1, with_mean: false, with_std: false })
  const wide = (inner: PythonObject): PythonObject =>
    object('FeatureUnion', {
      n_features_in_: 1,
      transformer_list: Array.from({ length: 10 }, (_, at) => [`part ${at}`, inner]),
    })
  let union = scaler
  for (let level = 0; level < 8; level += 1) union = wide(union)
  await refused(union, /more parts than anyone would write/)
})

test('numbers that do not fit each other are named with their class', async () => {
  const classes = floats([3], [0, 1, 2])
  const svc = (rows: number, columns: number, intercepts: number) =>
    object('LinearSVC', {
      n_features_in_: 2,
      classes_: classes,
      coef_: floats([rows, columns], new Array(rows * columns).fill(1)),
      intercept_: floats([intercepts], new Array(intercepts).fill(0)),
    })
  await refused(svc(2, 2, 2), /LinearSVC.*2 rows of weights for 3 classes/)
  await refused(svc(3, 5, 3), /LinearSVC.*fitted on 5 features, and gets 2/)
  await refused(svc(3, 2, 2), /LinearSVC.*2 intercepts for 3 rows/)
  await refused(object('LinearSVC', { n_features_in_: 2 }), /has no "classes_"|no list of names/)
  await refused(object('Pipeline', { steps: 'x' }), /"steps" is of a form that is not read/)
  await refused(object('StandardScaler', {}), /how many features it was fitted on/)
})

test('a small file cannot ask for much memory', () => {
  const bomb = gzipSync(new Uint8Array(130 * 1024 * 1024), { level: 1 })
  assert.throws(() => readEstimator(bomb), /gzip compression holds more than \d+ bytes/)
})

test('any cut or changed byte of a file is an error of the table or a model', async () => {
  for (const name of ['Tfidf, LinearSVC', 'RandomForestClassifier', 'SVC probability']) {
    const whole = fileOf(name)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.nat(255),
        fc.boolean(),
        async (at, byte, cut) => {
          const changed = cut ? whole.subarray(0, at) : whole.slice()
          if (!cut) changed[at] = byte
          try {
            await convert([readEstimator(changed)])
          } catch (error) {
            assert.ok(error instanceof DugaError, String(error))
          }
        },
      ),
      { numRuns: 150 },
    )
  }
})
