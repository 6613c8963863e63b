// Decode and answer through the real engine and the bundled models, against OpenCV and onnxruntime.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createVersion, floats } from '../../../test/builders/engine-versions.ts'
import { createEngine, type Engine } from '../../engine/engine.ts'
import { defineService, type FileInput } from '../../engine/service.ts'
import type { Manifest, VersionFiles } from '../../manifest.ts'
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import type { FaceAnswer } from './answer.ts'
import { defineFace } from './index.ts'

interface Expected {
  readonly box: [number, number, number, number] | null
  readonly rows: number
  readonly logits: readonly number[]
  readonly prob_real: number
}

const here = (path: string): URL => new URL(path, import.meta.url)
const expected: Record<string, Expected> = JSON.parse(
  readFileSync(here('fixtures/expected.json'), 'utf8'),
)
const picture = (name: string): URL =>
  here(name === 'example' ? '../../../examples/face.jpg' : `fixtures/${name}.jpg`)

/** As it is committed: `models/face`. */
function bundled(): VersionFiles {
  const folder = here('../../../models/face/')
  const manifest: Manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8'))
  const paths = Object.fromEntries(
    Object.entries(manifest.files).map(([role, { name }]) => [
      role,
      fileURLToPath(new URL(name, folder)),
    ]),
  )
  return { manifest, paths }
}

type Extra = { face: { x: number; y: number; width: number; height: number } | null; rows: number }

const face = defineFace()

/** The same service, but its answer is what decode found. */
const looking = defineService<FileInput, Extra>({
  ...face,
  name: 'looking',
  answer: (_, { extra }) => extra as unknown as Extra,
  label: () => null,
  confidence: () => null,
})

let engine: Engine
before(() => {
  engine = createEngine({ lanes: 1, threads: 1 })
})
after(() => engine.close())

for (const [name, { box, rows, logits, prob_real }] of Object.entries(expected)) {
  test(`${name}: box, rows, logits and probability of the reference`, async () => {
    const bytes = new Uint8Array(await readFile(picture(name)))
    await engine.load(looking, bundled())
    const seen = await engine.predict<Uint8Array, Extra>('looking', bytes)
    const found = seen.answer.face
    assert.equal(seen.answer.rows, rows)
    if (box === null) assert.equal(found, null)
    else {
      assert.ok(found)
      const ours = [found.x, found.y, found.width, found.height]
      ours.forEach((value, i) => {
        assert.ok(Math.abs(value - box[i]!) < 0.01, `${ours} is not ${box}`)
      })
    }
    const output = [...(seen.outputs.output!.data as Float32Array)]
    assert.equal(output.length, rows * 3)
    logits.forEach((logit, c) => {
      const mean = output.filter((_, i) => i % 3 === c).reduce((sum, v) => sum + v, 0) / rows
      assert.ok(Math.abs(mean - logit) < 1e-3, `logits ${output} are not ${logits}`)
    })

    await engine.load(face, bundled())
    const { answer } = await engine.predict<Uint8Array, FaceAnswer>('face', bytes)
    assert.ok(Math.abs(answer.prob_real - prob_real) < 1e-4, JSON.stringify(answer))
    assert.equal(answer.face_found, box !== null)
    assert.equal(answer.prediction, prob_real > 0.5 ? 'real' : 'fake')
  })
}

test('a file is judged by its path as by its bytes', async () => {
  await engine.load(face, bundled())
  const path = fileURLToPath(picture('near'))
  const byPath = await engine.predict('face', { path })
  const byBytes = await engine.predict('face', new Uint8Array(await readFile(path)))
  assert.deepEqual(byPath.answer, byBytes.answer)
})

for (const [name, bytes] of [
  ['nothing', new Uint8Array()],
  ['text', Buffer.from('no picture')],
  ['a cut file', readFileSync(picture('near')).subarray(0, 2000)],
] as const) {
  test(`${name} is not a picture`, async () => {
    await engine.load(face, bundled())
    const input = new Uint8Array(bytes)
    await assert.rejects(engine.predict('face', input), { code: 'image.unreadable', status: 400 })
  })
}

test("a user's model without a crop gets the whole picture, in its own order, layout and scale", async (t) => {
  // y = the mean of each channel: what the model sees of a picture.
  const graph = createGraph('means')
  const x = graph.input('x', 'float32', ['N', 80, 80, 3])
  const mean = graph.node('ReduceMean', [x], { axes: [1, 2], keepdims: 0 })
  const weight = graph.initializer('weight', floats([3], [1, 1, 1]))
  graph.output(graph.node('Mul', [mean, weight]), 'y', 'float32', ['N', 3])
  const { manifest, paths } = await createVersion(t, {
    service: 'face',
    version: 'v1.0.1',
    model: writeModel(graph.build()),
    inputs: [{ name: 'x', type: 'float32', shape: [null, 80, 80, 3] }],
  })
  const own: Manifest = {
    ...manifest,
    decode: { width: 80, height: 80, order: 'BGR', layout: 'NHWC', scale: 1 / 255 },
    answer: { real: 1 },
  }
  await engine.load(face, { manifest: own, paths })
  const bytes = new Uint8Array(await readFile(picture('near')))
  const { answer, outputs } = await engine.predict<Uint8Array, FaceAnswer>('face', bytes)
  const [blue, green, red] = outputs.y!.data as Float32Array
  assert.ok(red! > green! && green! > blue! && red! < 1, `skin is not ${[blue, green, red]}`)
  assert.equal('face_found' in answer, false)
  const sum = Math.exp(blue!) + Math.exp(green!) + Math.exp(red!)
  assert.ok(Math.abs(answer.prob_real - Math.exp(green!) / sum) < 1e-6)
})
