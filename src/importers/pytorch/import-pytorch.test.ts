import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DugaError } from '../../errors.ts'
import { adopt } from '../../services/dog/adopt.ts'
import { decodeSafetensors, encodeSafetensors } from '../../tensor/safetensors.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { type ImportedModel, importFiles } from '../import-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-pytorch-'))
after(() => rmSync(folder, { recursive: true }))

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

async function importOne(path: string): Promise<ImportedModel> {
  const { models } = await importFiles([path])
  assert.equal(models.length, 1)
  return models[0]!
}

/** The tiny network of the fixture with some tensors exchanged; null takes one away. */
function changed(changes: Readonly<Record<string, Tensors[string] | null>>): string {
  const tensors = decodeSafetensors(readFileSync(fixture('tiny-lite.safetensors')))
  const entries = Object.entries({ ...tensors, ...changes })
  const path = join(folder, 'weights.safetensors')
  const kept = entries.filter((entry): entry is [string, Tensors[string]] => entry[1] !== null)
  writeFileSync(path, encodeSafetensors(Object.fromEntries(kept)))
  return path
}

const fails = (path: string, code: string, message: RegExp): Promise<void> =>
  assert.rejects(
    importFiles([path]),
    (error) => error instanceof DugaError && error.code === code && message.test(error.message),
    String(message),
  )

const floats = (...dims: number[]): Tensors[string] => ({
  type: 'float32',
  dims,
  data: new Float32Array(dims.reduce((all, dim) => all * dim, 1)),
})

test('the same weights in each format make the same graph', async () => {
  const [zip, legacy, safetensors] = await Promise.all(
    ['tiny-lite.pt', 'tiny-lite.pth', 'tiny-lite.safetensors'].map((name) =>
      importOne(fixture(name)),
    ),
  )
  assert.deepEqual(zip!.graph, legacy!.graph)
  assert.deepEqual(zip!.graph, safetensors!.graph)
  assert.equal(zip!.format, 'pytorch')
  assert.equal(zip!.origin.checkpoint, 'zip')
  assert.match(zip!.notices.join(), /224 × 224 is taken.*no weight: epoch/)
})

test('it fits the dog service, with names for its classes', async () => {
  const model = await importOne(fixture('tiny-lite.pt'))
  const labels = ['a', 'b', 'c', 'd']
  const { decode, answer, notices } = await adopt({ models: [model], labels, settings: {} })
  assert.deepEqual(
    { width: decode.width, layout: decode.layout, dtype: decode.dtype, order: decode.order },
    { width: 224, layout: 'NHWC', dtype: 'uint8', order: 'RGB' },
  )
  assert.deepEqual(answer, { output: 'probabilities', activation: 'none' })
  assert.deepEqual(notices, [])
})

test('weights of a network that is not built here say what to do', async () => {
  await fails(
    fixture('nested.pt'),
    'model.needs-export',
    /without the network \(weight\).*EfficientNet-Lite/,
  )
  await fails(
    changed({ '_blocks.0._se_reduce.weight': floats(1) }),
    'model.needs-export',
    /without/,
  )
  await fails(fixture('whole-model.pt'), 'model.needs-export', /nothing in it is executed/)
})

test('shapes that do not fit each other are named', async () => {
  const refused = (changes: Record<string, Tensors[string] | null>, message: RegExp) =>
    fails(changed(changes), 'model.unreadable', message)
  await refused({ '_bn0.running_var': null }, /lacks the tensor "_bn0\.running_var"/)
  await refused({ '_bn0.running_var': floats(3) }, /"_bn0\.running_var" is \[3\], not \[2\]/)
  await refused({ '_conv_stem.weight': floats(2, 3, 3) }, /no convolution with a square kernel/)
  await refused({ '_conv_stem.weight': floats(2, 0, 3, 3) }, /does not take 3 channels/)
  await refused({ '_fc.weight': floats(4, 9) }, /"_fc" does not take 8 features/)
  await refused({ '_fc.bias': floats(5) }, /"_fc\.bias" is \[5\], not \[4\]/)
})
