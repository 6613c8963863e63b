// TensorFlow.js models against what TF-Keras answers (scripts/reference/keras/make_tfjs.py); quantised ones within what the
// quantisation loses.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { unzipSync } from 'fflate'
import { compareGraph } from '../../../test/builders/keras-cases.ts'
import { DugaError, type ErrorCode } from '../../errors.ts'
import { importFiles } from '../import-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-tfjs-'))
after(() => rmSync(folder, { recursive: true }))

const archive = unzipSync(readFileSync(new URL('fixtures/tfjs.zip', import.meta.url)))
for (const [name, bytes] of Object.entries(archive)) {
  mkdirSync(join(folder, dirname(name)), { recursive: true })
  writeFileSync(join(folder, name), bytes)
}
const cases = [...new Set(Object.keys(archive).map((name) => dirname(name)))]

function toleranceOf(name: string): number {
  if (name.endsWith('uint8')) return 0.05
  if (name.endsWith('uint16') || name.endsWith('float16')) return 1e-3
  return 1e-5
}

for (const name of cases) {
  test(name, async () => {
    const { models } = await importFiles([join(folder, name)])
    const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8'))
    const by = await compareGraph(models[0]!.graph, expected)
    assert.ok(by <= toleranceOf(name), `it differs by ${by}`)
  })
}

async function fails(
  change: (model: Record<string, unknown>) => void,
  code: ErrorCode,
  message: RegExp,
  name = 'graph-mlp',
): Promise<void> {
  const model = JSON.parse(readFileSync(join(folder, name, 'model.json'), 'utf8'))
  change(model)
  const path = join(folder, name, 'changed.json')
  writeFileSync(path, JSON.stringify(model))
  await assert.rejects(importFiles([path]), (error) => {
    assert.ok(error instanceof DugaError && error.code === code, String(error))
    assert.match(error.message, message)
    return true
  })
}

interface Manifest {
  weightsManifest: { paths: string[]; weights: { shape: number[] }[] }[]
  modelTopology: { node: { op: string; input?: string[] }[] }
}

test('shards are read from beside model.json and from nowhere else', async () => {
  const outside = (paths: string[]) => (model: Record<string, unknown>) => {
    ;(model as unknown as Manifest).weightsManifest[0]!.paths = paths
  }
  await fails(outside(['../../../etc/passwd']), 'model.unreadable', /beside model\.json/)
  await fails(outside(['/etc/passwd']), 'model.unreadable', /beside model\.json/)
  await fails(outside(['missing.bin']), 'model.unreadable', /missing\.bin" lie neither beside it/)
})

test('absurd shapes, unknown operators and cycles are refused', async () => {
  const as = (change: (model: Manifest) => void) => (model: Record<string, unknown>) =>
    change(model as unknown as Manifest)
  await fails(
    as(({ weightsManifest }) => {
      weightsManifest[0]!.weights[0]!.shape = [2 ** 40, 2 ** 10]
    }),
    'model.unreadable',
    /end inside the weight/,
  )
  await fails(
    as(({ modelTopology }) => {
      modelTopology.node.find(({ op }) => op === 'Tanh')!.op = 'TensorListReserve'
    }),
    'model.unsupported-layer',
    /TensorListReserve/,
  )
  await fails(
    as(({ modelTopology }) => {
      const last = modelTopology.node.find(({ op }) => op === 'Identity')!
      last.input = ['Identity']
    }),
    'model.unreadable',
    /depends on itself/,
  )
})
