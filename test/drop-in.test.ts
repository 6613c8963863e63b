// As a new user: the files of the old back ends, under their names, in a fresh home. The server that starts on them answers
// what the Python back ends answer to the same requests (scripts/reference/drop-in/make.py).
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type ServeProcess, startServe, until } from './builders/serve-process.ts'

const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url))
const TOLERANCE = 1e-4

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const expected = readJson(join(FIXTURES, 'drop-in/expected.json'))
const breeds = readJson(join(FIXTURES, 'import/probabilities.json')) as Record<string, number>

/** Service → name in its folder → fixture. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cough: { 'cough_classifier_model.h5': 'import/cough_classifier_model.h5' },
  face: { 'liveness.onnx': 'drop-in/liveness.onnx' },
  dog: {
    'dog_breed_classifier_final_model.keras': 'import/dog_breed_classifier_final_model.keras',
    'class_indices.json': 'import/class_indices.json',
  },
  vibration: {
    'autoencoder.h5': 'import/autoencoder.h5',
    'scaler.joblib': 'drop-in/scaler.joblib',
  },
  product: {
    'tfidf_vectorizer.joblib': 'import-text/tfidf_vectorizer.joblib',
    'svc_model.joblib': 'import-text/svc_model.joblib',
    'model_classes.joblib': 'import-text/model_classes.joblib',
  },
}

const home = mkdtempSync(join(tmpdir(), 'duga-drop-in-'))
const folderOf = (service: string): string => join(home, 'models', service)
let server: ServeProcess

interface Health {
  readonly status: string
  readonly services: Readonly<Record<string, string>>
}

async function health(): Promise<Health> {
  return (await (await fetch(`${server.url}/health/ready`)).json()) as Health
}

before(async () => {
  for (const [service, files] of Object.entries(FILES)) {
    mkdirSync(folderOf(service), { recursive: true })
    for (const [name, file] of Object.entries(files)) {
      copyFileSync(join(FIXTURES, file), join(folderOf(service), name))
    }
  }
  server = await startServe(home, { environment: { DUGA_LANES: '1' } })
})

after(async () => {
  server.child.kill('SIGTERM')
  await server.ended
  rmSync(home, { recursive: true, force: true })
})

async function upload(path: string, field: string, file: string, type: string): Promise<Response> {
  const body = new FormData()
  body.set(field, new Blob([readFileSync(file)], { type }), file.split('/').at(-1)!)
  return fetch(server.url + path, { method: 'POST', body })
}

function isNear(value: number, wanted: number, what: string): void {
  assert.ok(Math.abs(value - wanted) <= TOLERANCE, `${what}: ${value}, in Python ${wanted}`)
}

/** The answer of a version that was dropped in. */
async function bodyOf(response: Response) {
  const body = await response.json()
  assert.equal(response.status, 200, JSON.stringify(body))
  assert.equal(response.headers.get('x-duga-version'), 'v1.0.1')
  // biome-ignore lint/suspicious/noExplicitAny: each contract's own
  return body as any
}

const best = (scores: Readonly<Record<string, number>>): string =>
  Object.entries(scores).toSorted(([, a], [, b]) => b - a)[0]![0]

test('it is ready once all are imported, and answers before', async () => {
  assert.match(Object.values((await health()).services).join(), /its model is being imported/)
  const early = await upload('/dog/api/predict', 'file', join(EXAMPLES, 'dog.jpg'), 'image/jpeg')
  assert.equal(early.status, 200)
  await until(async () => (await health()).status === 'ready', 'all are ready', 120_000)
})

test('cough: librosa and Keras', async () => {
  const response = await upload('/cough/predict', 'file', join(EXAMPLES, 'cough.wav'), 'audio/wav')
  const { prediction, raw_scores: scores } = await bodyOf(response)
  assert.equal(prediction, best(expected.cough))
  for (const [label, wanted] of Object.entries<number>(expected.cough)) {
    isNear(Number.parseFloat(scores[label]) / 100, wanted, label)
  }
})

test('face: OpenCV and onnxruntime', async () => {
  const picture = join(EXAMPLES, 'face.jpg')
  const answer = await bodyOf(
    await upload('/face/api/v1/inference', 'image', picture, 'image/jpeg'),
  )
  assert.equal(answer.prediction, best(expected.face))
  isNear(answer.prob_real, expected.face.real, 'real')
  isNear(answer.prob_fake, expected.face.fake, 'fake')
})

test('dog: Pillow and Keras', async () => {
  const picture = join(FIXTURES, 'import/picture.png')
  const answer = await bodyOf(await upload('/dog/api/predict', 'file', picture, 'image/png'))
  assert.equal(answer.predicted_breed, best(breeds))
  for (const { breed, confidence } of answer.top_predictions) {
    isNear(Number.parseFloat(confidence) / 100, breeds[breed]!, breed)
  }
})

test('vibration: pandas, scikit-learn and Keras', async () => {
  const response = await fetch(`${server.url}/vibration/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: readFileSync(join(EXAMPLES, 'vibration.json')),
  })
  isNear((await bodyOf(response)).reconstruction_error, expected.vibration, 'error')
})

test('product: NLTK and scikit-learn', async () => {
  const admin = readFileSync(join(home, 'secrets/admin-token'), 'utf8').trim()
  const made = await fetch(`${server.url}/manage/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Toko', scope: 'predict' }),
  })
  const login = (await made.json()) as { client_id: string; client_secret: string }
  const given = await fetch(`${server.url}/product/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', ...login }),
  })
  const { access_token: token } = (await given.json()) as { access_token: string }
  for (const [name, scores] of Object.entries<Record<string, number>>(expected.product)) {
    const response = await fetch(`${server.url}/product/predict/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ product_name: name }),
    })
    const answer = await bodyOf(response)
    assert.equal(answer.predicted_category, best(scores), name)
    for (const { category, score } of answer.top_predictions) isNear(score, scores[category]!, name)
  }
})
