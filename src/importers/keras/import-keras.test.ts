// The importer on whole files: what comes out, and what becomes of files that are damaged or hostile.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { unzipSync, zipSync } from 'fflate'
import {
  compareGraph,
  compareWithKeras,
  readKerasCases,
} from '../../../test/builders/keras-cases.ts'
import { DugaError, type ErrorCode } from '../../errors.ts'
import { readModel } from '../../onnx/model.ts'
import { type ImportedFiles, importFiles } from '../import-files.ts'
import type { ImportOptions } from '../importer.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-import-'))
after(() => rmSync(folder, { recursive: true }))

const cases = { keras: readKerasCases('keras'), tf_keras: readKerasCases('tf_keras') }

function caseOf(library: keyof typeof cases, file: string) {
  const found = cases[library].find((one) => one.file === file)
  assert.ok(found, file)
  return found
}

async function read(
  bytes: Uint8Array,
  name: string,
  options?: ImportOptions,
): Promise<ImportedFiles> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return await importFiles([path], options)
}

async function fails(bytes: Uint8Array, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(read(bytes, 'model.keras'), (error) => {
    assert.ok(error instanceof DugaError && error.code === code, String(error))
    assert.match(error.message, message)
    return true
  })
}

/** A `.keras` file with its configuration changed as text. */
function changed(bytes: Uint8Array, change: (config: string) => string): Uint8Array {
  const files = unzipSync(bytes)
  const config = change(Buffer.from(files['config.json']!).toString())
  return zipSync({ ...files, 'config.json': Buffer.from(config) })
}

for (const [library, file] of [
  ['keras', 'model-nested.keras'],
  ['keras', 'model-residual.h5'],
  ['tf_keras', 'model-shared.keras'],
  ['tf_keras', 'bidirectional-lstm-masked.h5'],
] as const) {
  test(`${library} ${file} answers as Keras does`, async () => {
    const by = await compareWithKeras(caseOf(library, file))
    assert.ok(by <= 1e-5, `it differs by ${by}`)
  })
}

test('normalisations go into the convolutions, and pictures are turned once', async () => {
  const { bytes, file } = caseOf('keras', 'model-residual.keras')
  const { models } = await read(bytes, file)
  const operators = readModel(models[0]!.graph).graph!.node.map(({ opType }) => opType)
  assert.deepEqual(operators, [
    ...['Transpose', 'Conv', 'Mul', 'Add', 'Relu', 'Conv', 'Add', 'Relu'],
    ...['GlobalAveragePool', 'Flatten', 'Gemm', 'Softmax', 'Identity'],
  ])
  const { format, inputs, outputs, parameters, layers, origin } = models[0]!
  assert.equal(format, 'keras')
  assert.deepEqual(inputs, [{ name: 'input0', type: 'float32', shape: [null, 7, 8, 3] }])
  assert.deepEqual(outputs[0]!.shape, [null, 3])
  assert.equal(parameters, 112 + 16 + 148 + 16 + 15)
  assert.equal(layers.length, 10)
  assert.equal(origin.keras_version, '3.15.1')
})

test('a Lambda and an unknown layer are refused by name', async () => {
  const { bytes } = caseOf('keras', 'activation-relu.keras')
  const as = (kind: string) =>
    changed(bytes, (config) =>
      config.replace('"class_name": "Activation"', `"class_name": "${kind}"`),
    )
  await fails(as('Lambda'), 'model.unsupported-layer', /"activation\w*" \(Lambda\).*never executed/)
  await fails(as('Mine'), 'model.unsupported-layer', /"activation\w*" \(Mine\)/)
})

test('a custom activation is what --custom says', async () => {
  const { bytes, expected } = caseOf('keras', 'activation-mish.keras')
  const renamed = changed(bytes, (config) =>
    config.replace('"activation": "mish"', '"activation": "my_mish"'),
  )
  await fails(renamed, 'model.unsupported-layer', /"my_mish" is not one of Keras'/)
  const { models } = await read(renamed, 'model.keras', { custom: { my_mish: 'mish' } })
  assert.ok((await compareGraph(models[0]!.graph, expected)) <= 1e-5)
})

test('weights alone, other archives and empty files are named for what they are', async () => {
  const { bytes } = caseOf('keras', 'activation-relu.keras')
  const { 'model.weights.h5': weights, ...rest } = unzipSync(bytes)
  await fails(caseWeights(), 'model.unreadable', /weights alone/)
  await fails(zipSync(rest), 'model.unreadable', /holds no model\.weights\.h5/)
  await fails(new Uint8Array(), 'file.unreadable', /it is empty/)
  await fails(weights!, 'model.unreadable', /holds no Keras model/)
})

function caseWeights(): Uint8Array {
  return unzipSync(caseOf('keras', 'dense.keras').bytes)['model.weights.h5']!
}

test('a file that is cut off is refused', async () => {
  const { bytes } = caseOf('keras', 'fold-conv2d.h5')
  for (const part of [0.05, 0.3, 0.6, 0.9]) {
    await fails(bytes.slice(0, bytes.length * part), 'model.unreadable', /./)
  }
  const zip = caseOf('keras', 'fold-conv2d.keras').bytes
  for (const part of [0.05, 0.5, 0.95]) {
    await fails(zip.slice(0, zip.length * part), 'model.unreadable', /./)
  }
})

test('an archive that unpacks to far more than it says is refused', async () => {
  const { bytes } = caseOf('keras', 'dense.keras')
  const files = unzipSync(bytes)
  const bomb = zipSync({ ...files, 'config.json': new Uint8Array(80 * 1024 * 1024) })
  await fails(bomb, 'model.unreadable', /unpacks to more than/)
})

test('a configuration that refers to itself or asks for absurd sizes is refused', async () => {
  const loop = changed(caseOf('keras', 'relu-layer.keras').bytes, (config) =>
    config.replaceAll('"keras_history": ["input0"', '"keras_history": ["re_lu"'),
  )
  await fails(loop, 'model.unreadable', /depends on itself|is not called/)
  const wide = changed(caseOf('keras', 'repeat.keras').bytes, (config) =>
    config.replace('"n": 3', '"n": 3e300'),
  )
  await fails(wide, 'model.unsupported-layer', /its "n" is/)
})

test('a configuration of nothing but brackets is refused at once', async () => {
  const { bytes } = caseOf('keras', 'model-nested.keras')
  const deep = changed(bytes, () => '['.repeat(50_000_000))
  await fails(deep, 'model.unreadable', /config\.json is not JSON/)
})
