// A user's own scikit-learn text models, imported by the command line, answer over HTTP what scikit-learn answered.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Ended,
  type ServeProcess,
  startProgram,
  startServe,
  until,
} from './builders/serve-process.ts'

const FIXTURES = fileURLToPath(new URL('fixtures/import-text/', import.meta.url))
const TOLERANCE = 2e-6

interface Expected {
  readonly labels: readonly string[]
  readonly classes: readonly string[]
  /** By name and class. */
  readonly scores: readonly (readonly number[])[]
}
const { asked, stopWords, models } = JSON.parse(
  readFileSync(join(FIXTURES, 'expected.json'), 'utf8'),
) as {
  readonly asked: readonly string[]
  readonly stopWords: readonly string[]
  readonly models: Readonly<Record<string, Expected>>
}

const home = mkdtempSync(join(tmpdir(), 'duga-import-text-'))
let server: ServeProcess
let token: string

const run = async (...args: string[]): Promise<Ended> =>
  await startProgram([...args, '--json'], { environment: { DUGA_HOME: home } }).ended

const resultOf = ({ stdout }: Ended) => JSON.parse(stdout.trim().split('\n').at(-1)!)

before(async () => {
  server = await startServe(home)
  await run('client', 'add', 'Toko', 'toko', 'rahasia-yang-panjang')
  const response = await fetch(`${server.url}/product/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'toko',
      client_secret: 'rahasia-yang-panjang',
    }),
  })
  token = ((await response.json()) as { access_token: string }).access_token
})

after(async () => {
  server.child.kill('SIGTERM')
  await server.ended
  rmSync(home, { recursive: true, force: true })
})

const ask = (name: string): Promise<Response> =>
  fetch(`${server.url}/product/predict`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ product_name: name }),
  })

async function serves(files: readonly string[], expected: Expected, ...more: string[]) {
  const paths = files.map((file) => join(FIXTURES, file))
  const ended = await run('import', 'product', ...paths, '--promote', ...more)
  assert.equal(ended.code, 0, ended.stderr)
  const result = resultOf(ended)
  const version = async () => (await ask('susu')).headers.get('x-duga-version')
  await until(async () => (await version()) === result.version, 'the version serves')
  for (const [at, name] of asked.entries()) {
    const response = await ask(name)
    assert.equal(response.status, 200, name)
    const answer = (await response.json()) as {
      predicted_category: string
      top_predictions: { category: string; score: number }[]
    }
    assert.equal(answer.predicted_category, expected.labels[at], name)
    assert.equal(answer.top_predictions.length, expected.classes.length)
    for (const { category, score } of answer.top_predictions) {
      const wanted = expected.scores[at]![expected.classes.indexOf(category)]!
      assert.ok(Math.abs(score - wanted) <= TOLERANCE, `${name}, ${category}: ${score}, ${wanted}`)
    }
  }
  return result
}

for (const [file, expected] of Object.entries(models)) {
  if (file === 'tfidf_vectorizer.joblib') continue
  test(`a pipeline answers as in Python: ${file}`, async () => {
    const { inputs, warnings } = await serves([file], expected)
    assert.deepEqual(
      inputs.map(({ name }: { name: string }) => name),
      ['ids', 'weights'],
    )
    assert.equal(/softmax of its margins/.test(warnings.join()), file === 'svc.joblib')
  })
}

test('the three files of the old service answer together, cleaned as it is said', async () => {
  const files = ['svc_model.joblib', 'model_classes.joblib', 'tfidf_vectorizer.joblib']
  const cleaning = `clean=${JSON.stringify({ stopWords })}`
  const expected = models['tfidf_vectorizer.joblib']!
  await serves(files, expected, '--set', cleaning, '--set', 'lemmas=false')
  const unusable = await ask('!!! a')
  assert.equal(unusable.status, 422)
})

test('what is no such model is refused with what to do', async () => {
  const lonely = await run('import', 'product', join(FIXTURES, 'svc_model.joblib'))
  assert.match(lonely.stderr, /does not begin with a vectoriser of texts/)
  const names = await run('import', 'product', join(FIXTURES, 'model_classes.joblib'))
  assert.match(names.stderr, /names of classes, and no model/)
  const hostile = join(home, 'hostile.pkl')
  writeFileSync(hostile, "cos\nsystem\n(S'touch /tmp/duga-was-here'\ntR.")
  const refused = await run('import', 'product', hostile)
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /asks for os\.system, which is not read/)
})
