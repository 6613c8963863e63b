import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DugaError } from '../../errors.ts'
import { readLegacyCheckpoint } from './legacy.ts'

const fixture = (name: string): URL => new URL(`fixtures/${name}`, import.meta.url)
const checkpoint = new Uint8Array(readFileSync(fixture('legacy.pth')))
const expected = JSON.parse(readFileSync(fixture('legacy.json'), 'utf8')) as Record<
  string,
  { dims: number[]; values: (number | string | boolean)[] }
>

const fails = (bytes: Uint8Array, message: RegExp): void => {
  assert.throws(
    () => readLegacyCheckpoint(bytes),
    (error) =>
      error instanceof DugaError &&
      error.code === 'model.unreadable' &&
      message.test(error.message),
  )
}

/** The checkpoint with one text in it replaced by another of the same length. */
function replaced(from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length)
  const text = Buffer.from(checkpoint).toString('latin1')
  assert.ok(text.includes(from))
  return Buffer.from(text.replaceAll(from, to), 'latin1')
}

test('reads what PyTorch writes: types, views, strides, parameters', () => {
  const state = readLegacyCheckpoint(checkpoint)
  assert.deepEqual([...state.keys()], Object.keys(expected))
  for (const [name, tensor] of state) {
    assert.deepEqual(tensor.dims, expected[name]!.dims, name)
    const values = Array.from(tensor.data, Number)
    assert.deepEqual(values, expected[name]!.values.map(Number), name)
  }
  const types = ['double', 'half', 'bfloat16', 'long', 'int', 'bool', 'scalar'].map(
    (name) => state.get(name)!.type,
  )
  assert.deepEqual(types, ['float64', 'float32', 'float32', 'int64', 'int32', 'bool', 'float32'])
})

test('any other class is refused by its name', () => {
  const name = 'collections\nOrderedDict'
  fails(
    replaced(name, 'subprocess\ncheck_output'.slice(0, name.length)),
    /subprocess\.check_output/,
  )
  fails(replaced('_rebuild_tensor_v2', '_rebuild_tensor_v9'), /torch\._utils\._rebuild_tensor_v9/)
  fails(replaced('FloatStorage', 'QuintStorage'), /torch\.QuintStorage/)
})

test('a file that is cut off anywhere is refused', () => {
  for (let length = 0; length < checkpoint.length; length += 7) {
    fails(checkpoint.subarray(0, length), /file ends|holds|legacy/)
  }
})

test('a change of any byte is refused or read, and never escapes as another error', () => {
  for (let at = 0; at < checkpoint.length; at += 1) {
    const changed = checkpoint.slice()
    changed[at]! ^= 0x55
    try {
      readLegacyCheckpoint(changed)
    } catch (error) {
      assert.ok(error instanceof DugaError && error.code === 'model.unreadable', String(error))
    }
  }
})

test('a big-endian checkpoint and other files are refused', () => {
  const text = Buffer.from(checkpoint).toString('latin1')
  const at = text.indexOf('little_endian')
  const changed = checkpoint.slice()
  changed[changed.indexOf(0x88, at)] = 0x89
  fails(changed, /little-endian/)
  fails(Buffer.from('PK\x03\x04'), /inside a line/)
  fails(new Uint8Array(), /file ends/)
})
