import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSession } from '../../engine/runtime.ts'
import { writeModel } from '../../onnx/model.ts'
import { createDraw } from '../augment/counter-random.ts'
import { parametersOf } from '../parameters.ts'
import { drawPiece, hearOtherwise, hearPlainly } from './hear.ts'
import { createCoughNetwork } from './network.ts'
import type { MelClip } from './read-mels.ts'
import { COUGH_DECODE, COUGH_RECIPE } from './recipe.ts'

const { mels, frames } = COUGH_DECODE
const draw = (id: string) => createDraw({ seed: 1, epoch: 0, id })

function createClip(width: number): MelClip {
  const random = draw('clip')
  const data = Uint8Array.from({ length: mels * width }, () => random.integer(256))
  return { bands: mels, frames: width, data }
}

test('few weights, probabilities that sum to one, any number of rows', async () => {
  const model = createCoughNetwork({ decode: COUGH_DECODE, classes: 3, dropout: 0.3, seed: 1 })
  const weights = model.graph!.initializer.filter(({ name }) =>
    parametersOf(model.graph!).includes(name!),
  )
  const sizes = weights.map(({ dims }) => dims.reduce((all, dim) => all * Number(dim), 1))
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 500_000)
  const session = await loadSession(writeModel(model))
  const clip = createClip(100)
  const picture = hearPlainly(clip, { start: 0, frames: 100 }, COUGH_DECODE)
  const data = Float32Array.from([...picture, ...picture])
  const { probabilities } = await session.run({
    x: { type: 'float32', dims: [2, 1, mels, frames], data },
  })
  const [a, b, c, ...second] = probabilities!.data as Float32Array
  assert.ok(Math.abs(a! + b! + c! - 1) < 1e-6)
  assert.deepEqual(second, [a, b, c])
  await session.release()
})

test('padding and what lies 60 dB down count the same', async () => {
  const model = createCoughNetwork({ decode: COUGH_DECODE, classes: 2, dropout: 0, seed: 2 })
  const session = await loadSession(writeModel(model))
  const answer = async (data: Float32Array) => {
    const dims = [1, 1, mels, frames]
    return (await session.run({ x: { type: 'float32', dims, data } })).probabilities!.data
  }
  const picture = hearPlainly(createClip(128), { start: 0, frames: 128 }, COUGH_DECODE)
  const quieter = picture.map((level) => (level < -60 ? level - 15 : level))
  assert.deepEqual(await answer(quieter), await answer(picture))
  const silence = new Float32Array(mels * frames)
  assert.ok([...(await answer(silence))].every((value) => Number.isFinite(Number(value))))
  await session.release()
})

test('a plain hearing has its maximum at 0 dB and its padding on the right', () => {
  const clip = createClip(90)
  const picture = hearPlainly(clip, { start: 10, frames: 70 }, COUGH_DECODE)
  assert.equal(Math.max(...picture), 0)
  assert.ok(Math.min(...picture) >= -80)
  for (let band = 0; band < mels; band++) {
    const row = picture.subarray(band * frames, (band + 1) * frames)
    assert.ok(row.subarray(70).every((level) => level === 0))
    assert.ok(row.subarray(0, 70).some((level) => level < 0))
  }
})

test('hearings differ by what is drawn and by nothing else', () => {
  const clip = createClip(200)
  const { augmentation } = COUGH_RECIPE
  const hear = (id: string) => hearOtherwise(clip, COUGH_DECODE, augmentation, draw(id), [clip])
  assert.deepEqual(hear('a'), hear('a'))
  assert.notDeepEqual(hear('a'), hear('b'))
  for (const id of 'cdefgh') {
    const picture = hear(id)
    assert.equal(picture.length, mels * frames)
    assert.ok(picture.every((level) => level <= 0 && level >= -80))
  }
})

test('a piece is one in which something is heard', () => {
  const data = new Uint8Array(mels * 400)
  for (let band = 0; band < mels; band++) data.fill(255, band * 400 + 180, band * 400 + 220)
  const clip = { bands: mels, frames: 400, data }
  const inside = Array.from({ length: 40 }, (_, i) => {
    const { start, frames: length } = drawPiece(clip, COUGH_DECODE, [1, 5], draw(`piece ${i}`))
    return start < 220 && start + length > 180 ? 1 : 0
  })
  assert.ok(inside.reduce<number>((sum, one) => sum + one, 0) >= 36)
})

test('silence is heard as silence', () => {
  const clip = { bands: mels, frames: 50, data: new Uint8Array(mels * 50) }
  const { augmentation } = COUGH_RECIPE
  const heard = hearOtherwise(clip, COUGH_DECODE, augmentation, draw('quiet'), [clip])
  assert.ok(heard.every((level) => Number.isFinite(level)))
})
