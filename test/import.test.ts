// A user's own Keras classifier, imported by the command line, answers over HTTP what Keras answered for the picture.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeSafetensors } from '../src/tensor/safetensors.ts'
import { type Ended, startProgram, startServe } from './builders/serve-process.ts'

const FIXTURES = fileURLToPath(new URL('fixtures/import/', import.meta.url))
const MODEL = join(FIXTURES, 'dog_breed_classifier_final_model.keras')
const CLASSES = join(FIXTURES, 'class_indices.json')
const expected = JSON.parse(readFileSync(join(FIXTURES, 'probabilities.json'), 'utf8')) as Record<
  string,
  number
>

const home = mkdtempSync(join(tmpdir(), 'duga-import-'))
after(() => rmSync(home, { recursive: true, force: true }))

const run = async (...args: string[]): Promise<Ended> =>
  await startProgram([...args, '--json'], { environment: { DUGA_HOME: home } }).ended

const resultOf = ({ stdout }: Ended) => JSON.parse(stdout.trim().split('\n').at(-1)!)

test('an imported classifier serves with the probabilities that Keras gives', async () => {
  const check = ['--check', join(FIXTURES, 'input.npy'), join(FIXTURES, 'output.npy')]
  const ended = await run('import', 'dog', MODEL, '--labels', CLASSES, '--promote', ...check)
  assert.equal(ended.code, 0, ended.stderr)
  const { version, inputs, outputs, parameters, warnings, promoted, difference } = resultOf(ended)
  assert.equal(version, 'v1.0.1')
  assert.deepEqual(inputs[0].shape, [null, 48, 48, 3])
  assert.deepEqual(outputs[0].shape, [null, 5])
  assert.ok(parameters > 7000)
  assert.match(warnings.join(), /divided by 255/)
  assert.equal(promoted, true)
  assert.ok(difference < 1e-5, String(difference))

  const server = await startServe(home)
  try {
    const body = new FormData()
    const picture = readFileSync(join(FIXTURES, 'picture.png'))
    body.set('file', new Blob([picture], { type: 'image/png' }), 'picture.png')
    const response = await fetch(`${server.url}/dog/api/predict`, { method: 'POST', body })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('x-duga-version'), version)
    const answer = (await response.json()) as {
      predicted_breed: string
      top_predictions: { breed: string; confidence: string }[]
    }
    assert.equal(answer.predicted_breed, 'Whippet')
    assert.equal(answer.top_predictions.length, 5)
    for (const { breed, confidence } of answer.top_predictions) {
      const by = Math.abs(Number.parseFloat(confidence) / 100 - expected[breed]!)
      assert.ok(by <= 1e-4, `${breed} is ${confidence}, Keras says ${expected[breed]}`)
    }
  } finally {
    server.child.kill('SIGTERM')
    await server.ended
  }
})

test('what does not fit is refused with what to do, and adds no version', async () => {
  const nameless = await run('import', 'dog', MODEL)
  assert.equal(nameless.code, 1)
  const { error } = JSON.parse(nameless.stderr.trim().split('\n').at(-1)!)
  assert.equal(error.code, 'model.unfit')
  assert.match(error.message, /5 classes without names; give them with --labels/)
  const other = await run('import', 'vibration', MODEL)
  assert.match(other.stderr, /24 features/)
  const wrong = join(FIXTURES, 'input.npy')
  const differs = await run('import', 'dog', MODEL, CLASSES, '--check', wrong, wrong)
  assert.match(differs.stderr, /model\.differs/)
  const { items } = resultOf(await run('versions', 'dog'))
  assert.deepEqual(
    items.map(({ version }: { version: string }) => version),
    ['v1.0.1', 'v1.0.0'],
  )
})

test('convert writes a graph, its manifest and a golden that goes with it', async () => {
  const folder = join(home, 'converted')
  const ended = await run('convert', MODEL, CLASSES, '--to', folder)
  assert.equal(ended.code, 0, ended.stderr)
  const { files } = resultOf(ended)
  const manifest = JSON.parse(readFileSync(files.manifest, 'utf8'))
  assert.deepEqual(manifest.labels, Object.keys(expected))
  assert.equal(manifest.files.model.bytes, readFileSync(files.model).length)
  const golden = decodeSafetensors(readFileSync(files.golden))
  const [output] = manifest.outputs
  const shares = Array.from(golden[`output.${output.name}`]!.data, Number)
  const sum = shares.reduce((all, share) => all + share, 0)
  assert.ok(Math.abs(sum - 1) < 1e-5)
})

for (const { service, model, name, example, notice } of [
  {
    service: 'cough',
    model: 'cough_classifier_model.h5',
    name: 'cough',
    example: 'examples/cough.wav',
    notice: /dry, non-cough and wet/,
  },
  {
    service: 'vibration',
    model: 'autoencoder.h5',
    name: 'autoencoder',
    example: 'examples/vibration.json',
    notice: /No scaler is given/,
  },
]) {
  test(`${service} takes the Keras model of its old back end`, async () => {
    const check = ['input', 'output'].map((side) => join(FIXTURES, `${name}-${side}.npy`))
    const ended = await run(
      'import',
      service,
      join(FIXTURES, model),
      '--promote',
      '--check',
      ...check,
    )
    assert.equal(ended.code, 0, ended.stderr)
    const { difference, warnings, promoted } = resultOf(ended)
    assert.ok(difference < 1e-5, String(difference))
    assert.match(warnings.join(' '), notice)
    assert.equal(promoted, true)
    const answer = resultOf(await run('predict', service, example))
    const number = answer.confidence ?? answer.reconstruction_error
    assert.ok(Number.isFinite(number), JSON.stringify(answer))
  })
}
