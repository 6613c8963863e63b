import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadSession } from '../../engine/runtime.ts'
import { DugaError } from '../../errors.ts'
import { writeModel } from '../../onnx/model.ts'
import { decodeSafetensors } from '../../tensor/safetensors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { createEfficientNetLite, type StateDict } from './efficientnet-lite.ts'

const models = new URL('../../../models/dog/', import.meta.url)

/** A network of the same shape with few channels and weights from a seed. */
function tinyState(): Map<string, Tensor> {
  const state = new Map<string, Tensor>()
  let seed = 1
  const draw = (dims: number[], low: number, high: number): Tensor => {
    const size = dims.reduce((all, dim) => all * dim, 1)
    const data = Float32Array.from({ length: size }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return low + ((high - low) * seed) / 2 ** 32
    })
    return { type: 'float32', dims, data }
  }
  const norm = (name: string, channels: number): void => {
    state.set(`${name}.weight`, draw([channels], 0.5, 1.5))
    state.set(`${name}.bias`, draw([channels], -0.5, 0.5))
    state.set(`${name}.running_mean`, draw([channels], -0.5, 0.5))
    state.set(`${name}.running_var`, draw([channels], 0.5, 1.5))
  }
  const conv = (name: string, dims: number[]): unknown =>
    state.set(`${name}.weight`, draw(dims, -0.5, 0.5))
  conv('_conv_stem', [4, 3, 3, 3])
  norm('_bn0', 4)
  let channels = 4
  for (const [index, out] of [3, 5, 6, 6, 7, 8, 9, 10].entries()) {
    const block = `_blocks.${index}`
    const inner = index === 0 ? channels : channels * 2
    if (index > 0) {
      conv(`${block}._expand_conv`, [inner, channels, 1, 1])
      norm(`${block}._bn0`, inner)
    }
    conv(`${block}._depthwise_conv`, [inner, 1, index % 2 ? 5 : 3, index % 2 ? 5 : 3])
    norm(`${block}._bn1`, inner)
    conv(`${block}._project_conv`, [out, inner, 1, 1])
    norm(`${block}._bn2`, out)
    channels = out
  }
  conv('_conv_head', [16, channels, 1, 1])
  norm('_bn1', 16)
  state.set('_fc.weight', draw([5, 16], -0.5, 0.5))
  state.set('_fc.bias', draw([5], -0.5, 0.5))
  return state
}

const build = (state: StateDict): Uint8Array => writeModel(createEfficientNetLite(state, 37))

test('builds a graph that onnxruntime runs, the same bytes each time', async () => {
  const bytes = build(tinyState())
  assert.deepEqual(build(tinyState()), bytes)
  const session = await loadSession(bytes)
  const data = Uint8Array.from({ length: 2 * 37 * 37 * 3 }, (_, index) => (index * 7919) % 256)
  const outputs = await session.run({ pixels: { type: 'uint8', dims: [2, 37, 37, 3], data } })
  assert.deepEqual(outputs.probabilities!.dims, [2, 5])
  assert.deepEqual(outputs.embedding!.dims, [2, 16])
  const sum = Array.from(outputs.probabilities!.data.slice(0, 5), Number).reduce((a, b) => a + b)
  assert.ok(Math.abs(sum - 1) < 1e-5)
  await session.release()
})

test('a checkpoint of another network is refused, and says why', () => {
  const fails = (change: (state: Map<string, Tensor>) => void, message: RegExp): void => {
    const state = tinyState()
    change(state)
    assert.throws(
      () => build(state),
      (error) => error instanceof DugaError && message.test(error.message),
    )
  }
  fails((state) => state.delete('_bn0.running_var'), /lacks the tensor "_bn0\.running_var"/)
  fails((state) => state.delete('_blocks.7._project_conv.weight'), /has 6 stages, not 7/)
  fails((state) => state.set('_conv_head.weight', state.get('_fc.weight')!), /"_conv_head" is no/)
})

test('the committed model gives what PyTorch gives, but for the rounding of weights', async () => {
  const path = new URL('fixtures/efficientnet-lite2.json', import.meta.url)
  const expected = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly pixels_sha256: string
    readonly probabilities: number[]
    readonly embedding: number[]
  }
  const golden = decodeSafetensors(readFileSync(new URL('golden.safetensors', models)))
  const pixels = golden['input.pixels']!
  const hash = createHash('sha256').update(pixels.data as Uint8Array)
  assert.equal(hash.digest('hex'), expected.pixels_sha256)
  const session = await loadSession(readFileSync(new URL('model.onnx', models)))
  const { probabilities, embedding } = await session.run({ pixels })
  for (const [index, probability] of expected.probabilities.entries()) {
    const ratio = Math.log(Number(probabilities!.data[index]) / probability)
    assert.ok(Math.abs(ratio) < 0.025, `class ${index}: ${ratio}`)
  }
  for (const [index, value] of expected.embedding.entries()) {
    assert.ok(Math.abs(Number(embedding!.data[index]) - value) < 0.02, `embedding ${index}`)
  }
  await session.release()
})
