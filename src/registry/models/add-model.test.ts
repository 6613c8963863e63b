import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import { addModel } from './add-model.ts'
import { buildMiniFasNet } from './build-face.ts'

test('a downloaded model becomes a folder with manifest, card, golden and the shared detector', async (t) => {
  const graph = createGraph('fas')
  const x = graph.input('input', 'float32', [1, 3, 80, 80])
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])], { axis: 1 })
  graph.output(pooled, 'output', 'float32', [1, 3])
  const body = writeModel(graph.build())
  const server = createServer((_, response) => {
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'duga-add-'))
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  mkdirSync(join(folder, 'bundled/face'), { recursive: true })
  writeFileSync(join(folder, 'bundled/face/detector.onnx'), 'detector')
  const { changed, manifest } = await addModel(
    {
      kind: 'downloadable',
      name: 'fas',
      service: 'face',
      title: 'A test model',
      licence: { spdx: 'MIT', notice: 'none' },
      created: '2026-01-01T00:00:00Z',
      addresses: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`],
      sha256: createHash('sha256').update(body).digest('hex'),
      bytes: body.length,
      verified: 'by this test',
      shares: ['detector'],
      build: buildMiniFasNet,
    },
    {
      cache: join(folder, 'cache'),
      to: join(folder, 'fas'),
      bundled: join(folder, 'bundled'),
    },
  )
  assert.deepEqual(changed, [
    'model.onnx',
    'detector.onnx',
    'card.md',
    'golden.safetensors',
    'manifest.json',
  ])
  assert.equal(manifest.maxBatch, 1)
  assert.deepEqual(Object.keys(manifest.files), ['model', 'detector', 'golden'])
  assert.match(readFileSync(join(folder, 'fas/card.md'), 'utf8'), /not made or checked by Duga/)
})
