import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { DugaError } from '../errors.ts'
import { attributeOf, intOf } from './attribute.ts'
import { readModel, writeModel } from './model.ts'
import { ATTRIBUTE_TYPE, type ModelProto, type TensorProto } from './proto.ts'
import { fromTensorProto, toTensorProto } from './tensor-proto.ts'
import { UNKNOWN } from './wire.ts'

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url))
const bytes = fixture('tensors.onnx')
const fails = (input: Uint8Array, message: RegExp): void => {
  assert.throws(
    () => readModel(input),
    (error) =>
      error instanceof DugaError &&
      error.code === 'model.unreadable' &&
      message.test(error.message),
  )
}

test('reads a file of the onnx package: every element type, as raw bytes and as lists', () => {
  const expected = JSON.parse(Buffer.from(fixture('tensors.json')).toString()) as object
  const { initializer } = readModel(bytes).graph!
  const values = initializer.map((proto) => {
    const { type, data } = fromTensorProto(proto)
    const [stored] = proto.name!.split('.')
    assert.equal(type, /float16/.test(stored!) ? 'float32' : stored)
    return [proto.name, Array.from(data, Number)]
  })
  assert.deepEqual(Object.fromEntries(values), expected)
})

test('reads nodes, attributes, ports and metadata', () => {
  const model = readModel(bytes)
  const [leaky, clip] = model.graph!.node
  const alpha = attributeOf(leaky!, 'alpha')
  assert.deepEqual([alpha!.f, alpha!.type], [0.25, ATTRIBUTE_TYPE.float])
  assert.equal(intOf(leaky!, 'axis', -1), -1)
  assert.deepEqual(clip!.input, ['h', '', 'float32.max'])
  assert.equal(clip!.name, 'clip')
  assert.deepEqual(model.metadataProps, [{ key: 'key', value: 'value' }])
  assert.deepEqual(model.opsetImport, [{ domain: '', version: 17n }])
  const dims = model.graph!.input[0]!.type!.tensorType!.shape!.dim
  assert.deepEqual([dims[0]!.dimParam, dims[1]!.dimValue], ['N', 3n])
})

test('writing and reading again changes nothing, for committed models too', () => {
  const models = new URL('../../models/', import.meta.url)
  const paths = ['dog/model.onnx', 'face/model.onnx', 'face/detector.onnx']
  for (const file of [bytes, ...paths.map((path) => readFileSync(new URL(path, models)))]) {
    const model = readModel(file)
    const written = writeModel(model)
    assert.deepEqual(readModel(written), model)
    assert.deepEqual(writeModel(readModel(written)), written)
  }
})

test('fields of newer formats are kept', () => {
  // Field 25 of a model: functions. Field 99: unknown to everyone.
  const extra = Buffer.from([0xca, 0x01, 0x02, 0x0a, 0x00, 0x98, 0x06, 0x07])
  const model = readModel(Buffer.concat([bytes, extra]))
  assert.deepEqual(Buffer.from(model[UNKNOWN]!), extra)
  assert.deepEqual(readModel(writeModel(model)), model)
})

test('tensors in other files are refused, inside subgraphs too', () => {
  const model = readModel(bytes)
  const external: TensorProto = {
    ...toTensorProto('weights', { type: 'float32', dims: [1], data: new Float32Array(1) }),
    externalData: [{ key: 'location', value: 'weights.bin' }],
    dataLocation: 1,
  }
  const graph = { ...model.graph!, initializer: [external] }
  fails(writeModel({ ...model, graph }), /"weights" lies in another file/)
  const attribute = { floats: [], ints: [], strings: [], tensors: [], graphs: [] }
  const node = { input: [], output: [], attribute: [{ ...attribute, g: graph }] }
  fails(writeModel({ ...model, graph: { ...model.graph!, node: [node] } }), /lies in another file/)
})

test('anything else is refused, and never escapes as another error', () => {
  fails(new Uint8Array(), /no ONNX graph/)
  fails(Buffer.from('<html></html>'), /not an ONNX file|no ONNX graph/)
  const deep = Array.from({ length: 100 }).reduce<Buffer>(
    // A node with an attribute with a graph with a node …
    (inner) => field(1, field(5, field(6, inner))),
    Buffer.alloc(0),
  )
  fails(field(7, deep), /nested more than/)
  for (let length = 0; length < bytes.length; length += 1) {
    attempt(() => readModel(bytes.subarray(0, length)))
  }
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = new Uint8Array(bytes)
      changed[at]! ^= flip
      attempt(() => {
        const { initializer } = readModel(changed).graph!
        for (const proto of initializer) fromTensorProto(proto)
      })
    }),
    { numRuns: 2000 },
  )
})

test('any model of the builder’s shapes survives a round trip', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 })
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const attribute = fc.record({
    name: text,
    i: fc.option(int64, { nil: undefined }),
    f: fc.option(fc.float(), { nil: undefined }),
    s: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined }),
    floats: fc.array(fc.float(), { maxLength: 4 }),
    ints: fc.array(int64, { maxLength: 4 }),
    strings: fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 3 }),
  })
  const node = fc.record({
    input: fc.array(text, { maxLength: 3 }),
    output: fc.array(text, { maxLength: 3 }),
    opType: text,
    attribute: fc.array(attribute, { maxLength: 3 }),
  })
  const model = fc.record({
    irVersion: int64,
    nodes: fc.array(node, { maxLength: 5 }),
    data: fc.float32Array({ maxLength: 20, noNaN: true }),
  })
  fc.assert(
    fc.property(model, ({ irVersion, nodes, data }) => {
      const made = createModel(irVersion, nodes)
      made.graph!.initializer.push(
        toTensorProto('t', { type: 'float32', dims: [data.length], data }),
      )
      const read = readModel(writeModel(made))
      assert.deepEqual(writeModel(read), writeModel(made))
      assert.equal(read.irVersion, irVersion)
      assert.deepEqual(fromTensorProto(read.graph!.initializer[0]!).data, data)
      for (const [index, { input, attribute: attributes }] of nodes.entries()) {
        assert.deepEqual(read.graph!.node[index]!.input, input)
        const ints = read.graph!.node[index]!.attribute.map((item) => item.ints)
        assert.deepEqual(
          ints,
          attributes.map((item) => item.ints),
        )
      }
    }),
  )
})

function createModel(irVersion: bigint, nodes: readonly object[]): ModelProto {
  const node = nodes.map((item) => ({ ...item })) as NonNullable<ModelProto['graph']>['node']
  const graph = { node, initializer: [], input: [], output: [], valueInfo: [] }
  return { irVersion, graph, opsetImport: [{ version: 17n }], metadataProps: [] }
}

/** One length-delimited field. */
function field(number: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let rest = body.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body])
}

function attempt(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof DugaError && error.code === 'model.unreadable', String(error))
  }
}
