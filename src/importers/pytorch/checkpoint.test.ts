import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { unzipSync, zipSync } from 'fflate'
import { DugaError } from '../../errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { readCheckpoint } from './checkpoint.ts'

const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)))
const legacy = read('legacy.pth')
const zip = read('zip.pt')

type Values = Record<string, { dims: number[]; values: (number | string | boolean)[] }>
const valuesOf = (name: string): Values => JSON.parse(Buffer.from(read(name)).toString()) as Values

function assertValues(state: ReadonlyMap<string, Tensor>, expected: Values): void {
  assert.deepEqual([...state.keys()].sort(), Object.keys(expected).sort())
  for (const [name, { dims, data }] of state) {
    assert.deepEqual(dims, expected[name]!.dims, name)
    assert.deepEqual(Array.from(data, Number), expected[name]!.values.map(Number), name)
  }
}

const fails = (bytes: Uint8Array, message: RegExp, code = 'model.unreadable'): Promise<void> =>
  assert.rejects(
    readCheckpoint(bytes),
    (error) => error instanceof DugaError && error.code === code && message.test(error.message),
    String(message),
  )

/** The file with one text in it replaced by another of the same length. */
function replaced(file: Uint8Array, from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length)
  const text = Buffer.from(file).toString('latin1')
  assert.ok(text.includes(from))
  return Buffer.from(text.replaceAll(from, to), 'latin1')
}

/** The archive with some of its entries exchanged; null takes one away. */
function rezipped(changes: Readonly<Record<string, Uint8Array | null>>, level: 0 | 9 = 0) {
  const entries = Object.entries({ ...unzipSync(zip), ...changes })
  const kept = entries.filter((entry): entry is [string, Uint8Array] => entry[1] !== null)
  return zipSync(Object.fromEntries(kept), { level })
}

test('reads what PyTorch writes: types, views, strides, parameters, either byte order', async () => {
  const expected = valuesOf('legacy.json')
  for (const file of [legacy, zip, read('big-endian.pt'), rezipped({}, 9)]) {
    const { state, ignored } = await readCheckpoint(file)
    assertValues(state, expected)
    assert.deepEqual(ignored, [])
    const types = ['double', 'half', 'bfloat16', 'long', 'int', 'bool', 'scalar'].map(
      (name) => state.get(name)!.type,
    )
    assert.deepEqual(types, ['float64', 'float32', 'float32', 'int64', 'int32', 'bool', 'float32'])
  }
})

test('takes the weights out of what a training script saved, and their common prefix', async () => {
  const { state, ignored } = await readCheckpoint(read('nested.pt'))
  assertValues(state, valuesOf('nested.json'))
  const beside = ['epoch', 'arch', 'best', 'device', 'dtype', 'size', 'optimizer']
  assert.deepEqual(ignored, beside)
})

test('reads halves of safetensors, and says which type it does not read', async () => {
  const { state } = await readCheckpoint(read('halves.safetensors'))
  const expected = valuesOf('legacy.json')
  assertValues(state, Object.fromEntries([...state.keys()].map((name) => [name, expected[name]!])))
  assert.equal(state.get('bfloat16')!.type, 'float32')
  await fails(read('float8.safetensors'), /"float8" has type F8_E4M3, which is not read/)
})

test('any other class is refused by its name, whole models and their code with what to do', async () => {
  const name = 'collections\nOrderedDict'
  const evil = 'subprocess\ncheck_output'.slice(0, name.length)
  for (const file of [legacy, zip]) {
    await fails(replaced(file, name, evil), /subprocess\.check_outpu/, 'model.needs-export')
    const rebuild = replaced(file, '_rebuild_tensor_v2', '_rebuild_tensor_v9')
    await fails(rebuild, /torch\._utils\._rebuild_tensor_v9/, 'model.needs-export')
    const quantised = replaced(file, 'FloatStorage', 'QuintStorage')
    await fails(quantised, /torch\.QuintStorage/, 'model.needs-export')
  }
  await fails(read('whole-model.pt'), /torch\.nn\.modules\.linear\.Linear/, 'model.needs-export')
  await fails(read('torchscript.pt'), /TorchScript/, 'model.needs-export')
})

test('an archive that lacks a part, or has one of another size, is refused', async () => {
  await fails(rezipped({ 'zip/data.pkl': null }), /holds no data\.pkl/)
  await fails(rezipped({ 'zip/data/2': null }), /storage 2 is not in the archive/)
  await fails(rezipped({ 'zip/data/2': new Uint8Array(95) }), /storage 2 holds 95 of 96 bytes/)
  await fails(rezipped({ 'zip/byteorder': Buffer.from('middle') }), /byte order "middle"/)
  const bomb = rezipped({ 'zip/data/2': new Uint8Array(4 * 1024 * 1024) }, 9)
  await fails(bomb, /storage 2 holds 4194304 of 96 bytes/)
})

test('a file that is cut off anywhere is refused', async () => {
  for (let length = 0; length < legacy.length; length += 7) {
    await fails(legacy.subarray(0, length), /file ends|holds|legacy|header/)
  }
  for (let length = 0; length < zip.length; length += 97) {
    await fails(zip.subarray(0, length), /archive|header/)
  }
})

test('a change of any byte is refused or read, and never escapes as another error', async () => {
  for (const [file, step] of [[legacy, 1] as const, [zip, 3] as const]) {
    for (let at = 0; at < file.length; at += step) {
      const changed = file.slice()
      changed[at]! ^= 0x55
      await readCheckpoint(changed).catch((error: unknown) => {
        assert.ok(error instanceof DugaError, String(error))
      })
    }
  }
})

test('pickles of a hostile file: loops, views without end, storages that are not there', async () => {
  const pickled = (text: string): Promise<void> =>
    fails(rezipped({ 'zip/data.pkl': Buffer.from(text, 'latin1') }), hostile)
  const storage = (count: string): string =>
    `((Vstorage\nctorch\nFloatStorage\nV2\nVcpu\nI${count}\ntQ`
  const tensor = (count: string, size: string, stride: string): string =>
    `(dVx\nctorch._utils\n_rebuild_tensor_v2\n(${storage(count).slice(1)}I0\n(${size}t(${stride}tI00\nNtRs.`
  let hostile = /no state dict/
  await pickled('(dp0\nVself\ng0\ns.')
  await pickled('(dp0\nVstate_dict\ng0\ns.')
  hostile = /far larger than the file/
  await pickled(tensor('24', 'I1000000\nI1000000\n', 'I0\nI0\n'))
  await pickled(tensor('99999999999', 'I1\n', 'I1\n'))
  hostile = /outside its storage/
  await pickled(tensor('24', 'I25\n', 'I1\n'))
  await pickled(tensor('24', 'I2\n', 'I24\n'))
  await pickled(tensor('24', 'I2\nI2\n', 'I1\n'))
  hostile = /no valid storage, size or stride/
  await pickled(tensor('24', 'I-1\n', 'I1\n'))
})

test('a big-endian checkpoint of the old format and other files are refused', async () => {
  const at = Buffer.from(legacy).toString('latin1').indexOf('little_endian')
  const changed = legacy.slice()
  changed[changed.indexOf(0x88, at)] = 0x89
  await fails(changed, /little-endian/)
  await fails(Buffer.from('PK\x03\x04'), /archive/)
  await fails(new Uint8Array(), /header/)
})
