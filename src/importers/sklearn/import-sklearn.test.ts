import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { loadSession } from '../../engine/runtime.ts'
import type { Tensor, Tensors } from '../../tensor/tensor.ts'
import { createNameEncoder, type Vocabulary } from '../../tensor/text/name-encoder.ts'
import type { SparseRow } from '../../tensor/text/tfidf.ts'
import type { Imported } from '../importer.ts'
import { convert } from './import-sklearn.ts'
import { readEstimator } from './read-estimator.ts'

interface Numbers {
  readonly dims: readonly number[]
  readonly float64: string
}
type Output = Numbers | readonly (string | number)[]
interface Case {
  readonly name: string
  readonly seed: number
  readonly input: 'numbers' | 'texts'
  readonly file: string
  readonly outputs: Readonly<Record<string, Output>>
}
interface Fixture {
  readonly numbers: Readonly<Record<string, Numbers>>
  readonly texts: Readonly<Record<string, readonly string[]>>
  readonly cases: readonly Case[]
}

/** scikit-learn computes in float64; what text graphs hold is float32. */
const TOLERANCE = 1e-6

const folder = new URL(process.env.DUGA_SKLEARN_FIXTURES ?? 'fixtures/', import.meta.url)
const versions = readdirSync(folder).filter((name) => name.endsWith('.json.gz'))

for (const name of versions) {
  const bytes = gunzipSync(readFileSync(new URL(name, folder)))
  const fixture = JSON.parse(bytes.toString()) as Fixture
  describe(`scikit-learn ${name.replace('.json.gz', '')}`, () => {
    for (const one of fixture.cases) {
      test(`${one.name}, fit ${one.seed}`, () => compare(one, fixture))
    }
  })
}

async function compare(one: Case, fixture: Fixture): Promise<void> {
  const imported = await convert([readEstimator(Buffer.from(one.file, 'base64'))])
  const feeds = one.input === 'numbers' ? toNumbers(one, fixture) : toText(one, fixture, imported)
  if (feeds === null) return
  const session = await loadSession(imported.graph)
  try {
    const outputs = await session.run(feeds)
    check(one, imported, outputs)
  } finally {
    await session.release()
  }
}

/** The largest difference beyond which two numbers are not the same: absolute for small, relative for large ones. */
function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: length`)
  let worst = 0
  for (let at = 0; at < expected.length; at++) {
    const [got, wanted] = [actual[at]!, expected[at]!]
    if (Number.isNaN(wanted) && Number.isNaN(got)) continue
    const difference = Math.abs(got - wanted) / Math.max(1, Math.abs(wanted))
    worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference)
  }
  if (process.env.DUGA_SHOW_DIFFERENCES) console.log(`# difference ${worst} ${what}`)
  assert.ok(worst <= TOLERANCE, `${what} differs by ${worst}`)
}

function check({ name, outputs }: Case, imported: Imported, found: Tensors): void {
  const { predict_proba: shares, decision_function: scores, transform, predict } = outputs
  if (shares !== undefined)
    near(numbersOf(found.probabilities), toFloats(shares), `${name} probabilities`)
  if (scores !== undefined && found.scores !== undefined) {
    near(numbersOf(found.scores), toFloats(scores), `${name} scores`)
  }
  // A VotingClassifier's is what its members say.
  if (transform !== undefined && !name.startsWith('Voting')) {
    near(numbersOf(found.features ?? found.distances), toFloats(transform), `${name} features`)
  }
  if (predict === undefined) return
  if (found.values !== undefined) {
    near(numbersOf(found.values), toFloats(predict), `${name} values`)
  } else assert.deepEqual(labelsOf(imported, found), toLabels(predict), `${name} labels`)
}

function labelsOf({ labels }: Imported, { label, probabilities }: Tensors): string[] {
  if (label !== undefined) {
    return Array.from(label.data as BigInt64Array, (at) => labels?.[Number(at)] ?? String(at))
  }
  const classes = probabilities!.dims[1]!
  const rows = numbersOf(probabilities)
  return Array.from({ length: rows.length / classes }, (_, row) => {
    const own = rows.slice(row * classes, (row + 1) * classes)
    return labels![own.indexOf(Math.max(...own))]!
  })
}

function numbersOf(tensor: Tensor | undefined): number[] {
  assert.ok(tensor !== undefined, 'the graph has that output')
  return Array.from(tensor.data as Float64Array)
}

function toFloats(output: Output): Float64Array {
  assert.ok('float64' in output)
  return new Float64Array(new Uint8Array(Buffer.from(output.float64, 'base64')).buffer)
}

const toLabels = (output: Output): string[] =>
  ('float64' in output ? Array.from(toFloats(output)) : [...output]).map(String)

/** What make.py does to the rows before it asks. */
function toNumbers({ name, seed }: Case, { numbers }: Fixture): Tensors {
  const { dims } = numbers[seed]!
  const data = adapt(name, toFloats(numbers[seed]!), dims[1]!)
  return { input: { type: 'float64', dims, data } }
}

const GAPS =
  /^(SimpleImputer (mean|indicator|constant)|HistGradientBoostingClassifier$|Pipeline imputer)/
const WHOLE = /^(OneHot|Ordinal|SimpleImputer zero|HistGradientBoostingClassifier categories)/
const POSITIVE = /^(MultinomialNB|ComplementNB|PowerTransformer box-cox)/

function adapt(name: string, values: Float64Array, width: number): Float64Array {
  if (GAPS.test(name)) return values.map((value, at) => (at % 7 === 0 ? Number.NaN : value))
  if (POSITIVE.test(name)) return values.map(Math.abs)
  if (!WHOLE.test(name)) return values
  const rows = values.length / width
  const means = Array.from({ length: width }, (_, column) => {
    let sum = 0
    for (let row = 0; row < rows; row++) sum += values[row * width + column]!
    return sum / rows
  })
  return values.map((value, at) => {
    const rounded = Math.round(value - means[at % width]!)
    return Math.min(1, Math.max(-1, rounded)) + 1
  })
}

function toText(
  { seed, name, outputs }: Case,
  { texts }: Fixture,
  imported: Imported,
): Tensors | null {
  const vocabulary = JSON.parse(
    Buffer.from(imported.files.vocabulary!.bytes).toString(),
  ) as Vocabulary
  assert.deepEqual(imported.decode, { clean: null, lemmas: false })
  const encode = createNameEncoder(null, vocabulary)
  const rows = texts[seed]!.map((text) => encode(text).row)
  if (imported.layers.every(({ kind }) => /Vectorizer|TfidfTransformer/.test(kind))) {
    checkRows(rows, outputs.transform as Numbers, name)
    return null
  }
  const width = Math.max(...rows.map(({ ids }) => ids.length))
  const ids = new BigInt64Array(rows.length * width)
  const weights = new Float32Array(rows.length * width)
  for (const [row, sparse] of rows.entries()) {
    for (const [at, id] of sparse.ids.entries()) {
      ids[row * width + at] = BigInt(id)
      weights[row * width + at] = sparse.values[at]!
    }
  }
  const dims = [rows.length, width]
  return {
    ids: { type: 'int64', dims, data: ids },
    weights: { type: 'float32', dims, data: weights },
  }
}

function checkRows(rows: readonly SparseRow[], expected: Numbers, name: string): void {
  const [count, width] = expected.dims as [number, number]
  const dense = new Float64Array(count * width)
  for (const [row, { ids, values }] of rows.entries()) {
    for (const [at, id] of ids.entries()) dense[row * width + id] = values[at]!
  }
  near(dense, toFloats(expected), `${name} features`)
}
