import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CATALOG } from '../../../models/catalog.ts'
import { loadSession } from '../../engine/runtime.ts'
import type { Manifest } from '../../manifest.ts'
import { decodeSafetensors } from '../../tensor/safetensors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { listModels } from './list-models.ts'
import { STANFORD_DOG_CLASSES, STANFORD_DOGS } from './stanford-dogs.ts'

const BUNDLED = CATALOG.filter((entry) => entry.kind === 'bundled')
const file = (name: string, path: string): Uint8Array =>
  readFileSync(new URL(`../../../models/${name}/${path}`, import.meta.url))
const manifestOf = (name: string): Manifest =>
  JSON.parse(Buffer.from(file(name, 'manifest.json')).toString())

test('the files of every bundled model have the hashes and sizes of its manifest', () => {
  assert.deepEqual(
    BUNDLED.map(({ name }) => name),
    ['cough', 'dog', 'face', 'product', 'vibration'],
  )
  for (const { name, service } of BUNDLED) {
    const manifest = manifestOf(name)
    assert.equal(manifest.service, service)
    for (const { name: path, sha256, bytes } of Object.values(manifest.files)) {
      const content = file(name, path)
      assert.equal(content.length, bytes, path)
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256, path)
    }
  }
})

test('every bundled model has a card and licences', () => {
  for (const { name } of BUNDLED) {
    const card = Buffer.from(file(name, 'card.md')).toString()
    for (const word of ['Source', 'Licence', 'Data', 'Quality', 'Limits']) {
      assert.ok(card.includes(word), `${name}: ${word}`)
    }
    assert.ok(existsSync(new URL(`../../../models/${name}/NOTICE`, import.meta.url)))
  }
})

test('every bundled model repeats its golden output, alone and twice in a batch', async () => {
  for (const { name } of BUNDLED) {
    const manifest = manifestOf(name)
    const golden = decodeSafetensors(file(name, manifest.files[manifest.golden!.file]!.name))
    const session = await loadSession(file(name, manifest.files.model!.name))
    assert.deepEqual(session.inputs, manifest.inputs)
    assert.deepEqual(session.outputs, manifest.outputs)
    const one = Object.fromEntries(
      manifest.inputs.map(({ name: input }) => [input, golden[`input.${input}`]!]),
    )
    const twice = Object.fromEntries(
      Object.entries(one).map(([input, tensor]) => [input, doubled(tensor)]),
    )
    const alone = await session.run(one)
    const batch = await session.run(twice)
    for (const port of manifest.outputs) {
      const expected = golden[`output.${port.name}`]!.data
      const actual = alone[port.name]!.data
      assert.ok(expected.length > 0 && actual.length === expected.length)
      for (const [index, value] of Array.from(expected, Number).entries()) {
        const difference = Math.abs(Number(actual[index]) - value)
        assert.ok(difference <= manifest.golden!.tolerance * Math.max(1, Math.abs(value)))
      }
      assert.deepEqual(batch[port.name]!.data.slice(expected.length), actual)
    }
    await session.release()
  }
})

test('120 breeds, each with its class of ImageNet', () => {
  assert.equal(STANFORD_DOGS.length, 120)
  assert.equal(new Set(STANFORD_DOGS).size, 120)
  assert.equal(STANFORD_DOG_CLASSES.length, 120)
  const classOf = (name: string): number | undefined =>
    STANFORD_DOG_CLASSES[STANFORD_DOGS.indexOf(name)]
  const known = {
    Chihuahua: 151,
    beagle: 162,
    golden_retriever: 207,
    German_shepherd: 235,
    Siberian_husky: 250,
    affenpinscher: 252,
    pug: 254,
    Mexican_hairless: 268,
    dingo: 273,
    African_hunting_dog: 275,
  }
  for (const [name, index] of Object.entries(known)) assert.equal(classOf(name), index, name)
  const { answer, labels } = manifestOf('dog')
  assert.deepEqual(answer.classes, STANFORD_DOG_CLASSES)
  assert.deepEqual(labels, STANFORD_DOGS)
})

test('the catalog is complete: names once, hashes whole, sources and licences named', () => {
  const listed = listModels(CATALOG)
  assert.equal(new Set(listed.map(({ name }) => name)).size, listed.length)
  for (const { source, licence, how } of listed) {
    assert.ok(source.length > 0 && licence !== '' && how !== '')
  }
  for (const entry of CATALOG) {
    const hashes =
      entry.kind === 'bundled'
        ? Object.values(entry.sources).map(({ sha256 }) => sha256)
        : [entry.sha256]
    for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/)
    if (entry.kind === 'downloadable') {
      assert.ok(entry.bytes > 0)
      for (const address of entry.addresses) assert.match(address, /^https:\/\//)
    }
  }
})

function doubled(tensor: Tensor): Tensor {
  const { data, dims } = tensor
  const bytes = Buffer.concat([bytesOf(data), bytesOf(data)])
  const ArrayType = data.constructor as { new (buffer: ArrayBuffer): typeof data }
  const rows = dims[0]! * 2
  return {
    ...tensor,
    dims: [rows, ...dims.slice(1)],
    data: new ArrayType(new Uint8Array(bytes).buffer),
  }
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
