import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadSession } from '../../engine/runtime.ts'
import { DugaError } from '../../errors.ts'
import { createGraph, type ModelOptions } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import { importFiles } from '../import-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-onnx-'))
after(() => rmSync(folder, { recursive: true }))

function classifier(options: ModelOptions = {}, op = 'Softmax'): Uint8Array {
  const graph = createGraph('classifier')
  const x = graph.input('x', 'float32', ['N', 2])
  const data = Float32Array.of(1, 2, 3, 4)
  const product = graph.node('MatMul', [
    x,
    graph.initializer('w', { type: 'float32', dims: [2, 2], data }),
  ])
  graph.output(graph.node(op, [product]), 'y', 'float32', ['N', 2])
  return writeModel(graph.build(options))
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function fails(bytes: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(importFiles([write('bad.onnx', bytes)]), (error) => {
    assert.ok(error instanceof DugaError && error.code === 'model.unreadable', String(error))
    assert.match(error.message, message)
    return true
  })
}

test('a model is handed on as it is, with the class names of its metadata', async () => {
  const bytes = classifier({ metadata: { names: "{0: 'cat', 1: 'dog'}" } })
  const { models } = await importFiles([write('model.onnx', bytes)])
  const [model] = models
  assert.deepEqual(Uint8Array.from(model!.graph), bytes)
  assert.deepEqual(model!.labels, ['cat', 'dog'])
  assert.equal(model!.parameters, 4)
  assert.deepEqual(model!.inputs, [{ name: 'x', type: 'float32', shape: [null, 2] }])
  assert.equal(model!.origin.opset, 17)
  assert.equal(model!.notices.length, 1)
})

test('zeros around negative values stay values when the largest is taken', async () => {
  const graph = createGraph('padded')
  const x = graph.input('x', 'float32', ['N', 1, 2, 2])
  const sides = BigInt64Array.from([0, 0, 1, 1, 0, 0, 1, 1], BigInt)
  const pads = graph.initializer('pads', { type: 'int64', dims: [8], data: sides })
  const padded = graph.node('Pad', [x, pads])
  const pooled = graph.node('MaxPool', [padded], { kernel_shape: [2, 2], strides: [1, 1] })
  graph.output(pooled, 'y', 'float32', ['N', 1, 3, 3])
  const { models } = await importFiles([write('padded.onnx', writeModel(graph.build()))])
  const session = await loadSession(models[0]!.graph)
  const data = Float32Array.of(-1, -2, -3, -4)
  const { y } = await session.run({ x: { type: 'float32', dims: [1, 1, 2, 2], data } })
  assert.deepEqual([...y!.data], [0, 0, 0, 0, -1, 0, 0, 0, 0])
  await session.release()
})

test('class names in another file come beside the model', async () => {
  const labels = write('labels.json', Buffer.from('{"cat":0,"dog":1}'))
  const { models, labels: named } = await importFiles([write('model.onnx', classifier()), labels])
  assert.equal(models[0]!.labels, null)
  assert.deepEqual(named, ['cat', 'dog'])
})

test('operators that the runtime lacks and damaged files are refused', async () => {
  await fails(classifier({ domains: { 'my.company': 1 } }), /operators of "my\.company"/)
  await fails(classifier({}, 'NoSuchOperator'), /NoSuchOperator/)
  await fails(classifier({ opset: 5 }), /operator set is 5/)
  await fails(classifier().slice(0, 60), /./)
  const empty = importFiles([write('empty.onnx', new Uint8Array())])
  await assert.rejects(empty, { code: 'file.unreadable', message: /empty\.onnx .* it is empty/ })
})
