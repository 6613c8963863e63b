import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'
import type { Tensor } from './tensor.ts'

/** A file of the given header and data. */
function file(header: unknown, data = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, data])
}

const one = (entry: object): object => ({
  t: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...entry },
})

test('reads what the safetensors package writes', () => {
  const path = new URL('fixtures/types.safetensors', import.meta.url)
  const tensors = decodeSafetensors(readFileSync(path))
  assert.equal(Object.keys(tensors).length, 10)
  for (const [name, { type, dims, data }] of Object.entries(tensors)) {
    assert.equal(type, name)
    assert.deepEqual(dims, [2, 3])
    const expected = name === 'bool' ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 100, 3, 1]
    assert.deepEqual(Array.from(data, Number), expected)
  }
})

test('a round trip changes nothing, and the order of tensors does not matter', () => {
  const tensor = fc.oneof(
    fc.float32Array({ maxLength: 9 }).map((data): Tensor => toTensor('float32', data)),
    fc.float64Array({ maxLength: 9 }).map((data): Tensor => toTensor('float64', data)),
    fc.bigInt64Array({ maxLength: 9 }).map((data): Tensor => toTensor('int64', data)),
    fc.uint8Array({ maxLength: 9 }).map((data): Tensor => toTensor('uint8', data)),
    fc.int16Array({ maxLength: 9 }).map((data): Tensor => toTensor('int16', data)),
  )
  const name = fc.string({ maxLength: 6 }).filter((text) => text !== '__metadata__')
  fc.assert(
    fc.property(fc.dictionary(name, tensor, { noNullPrototype: false }), (tensors) => {
      const bytes = encodeSafetensors(tensors)
      assert.deepEqual({ ...decodeSafetensors(bytes) }, { ...tensors })
      const reversed = Object.fromEntries(Object.entries(tensors).reverse())
      assert.deepEqual(encodeSafetensors(reversed), bytes)
    }),
  )
})

test('malformed files are refused', () => {
  const data = new Uint8Array(4)
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(7), /inside its header/],
    [Buffer.alloc(8, 0xff), /inside its header/],
    [file('{'), /not JSON/],
    [file('null'), /no object/],
    [file(`{"t":${'['.repeat(100_000)}`), /not JSON/],
    [file('["\\"[[[[[[[[[[[["]'), /is empty|no valid|type/],
    [file({ t: null }), /is empty/],
    [file(one({ dtype: 'F8_E4M3' }), data), /type F8_E4M3/],
    [file(one({ dtype: 'F16' }), data), /does not fit/],
    [file(one({ dtype: 'constructor' }), data), /type constructor/],
    [file(one({ shape: [-1] }), data), /no valid shape/],
    [file(one({ shape: [2] }), data), /does not fit its shape/],
    [file(one({ shape: [2 ** 40, 2 ** 40] }), data), /does not fit its shape/],
    [file(one({ data_offsets: [0, 4, 8] }), data), /no valid shape or offsets/],
    [file(one({})), /outside the file/],
    [file(one({ data_offsets: [4, 8] }), new Uint8Array(8)), /leaves a gap/],
    [file({ ...one({}), ...{ u: one({}) } }, data), /type undefined/],
    [file({ ...one({}), u: (one({}) as { t: object }).t }, data), /overlaps/],
    [file(one({}), new Uint8Array(5)), /bytes follow/],
  ]
  for (const [bytes, message] of cases) {
    assert.throws(
      () => decodeSafetensors(bytes),
      (error) => error instanceof RangeError && message.test(error.message),
      String(message),
    )
  }
})

test('a name like __proto__ is a name', () => {
  const bytes = file('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', Buffer.of(7))
  assert.deepEqual(Object.keys(decodeSafetensors(bytes)), ['__proto__'])
})

function toTensor(type: Tensor['type'], data: Tensor['data']): Tensor {
  return { type, dims: [data.length], data: data.slice() as Tensor['data'] }
}
