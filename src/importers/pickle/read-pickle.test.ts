import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { createCursor, PickleError } from './cursor.ts'
import {
  GlobalReference,
  type PickleGlobal,
  type PickleOptions,
  type PickleValue,
} from './machine.ts'
import { readPickle } from './read-pickle.ts'

interface Fixture {
  readonly cases: readonly {
    readonly name: string
    readonly protocol: number
    readonly pickle: string
    readonly value: unknown
  }[]
  readonly others: Readonly<Record<string, string>>
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/cpython.json', import.meta.url), 'utf8'),
) as Fixture

const other = (name: string): Uint8Array => Buffer.from(fixture.others[name]!, 'base64')
const none: PickleOptions = { globals: {} }
const bytes = (...parts: (number | string)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part, 'latin1'),
    ),
  )
const fails = (input: Uint8Array, message: RegExp, options = none): void => {
  assert.throws(
    () => readPickle(input, options),
    (error) => error instanceof PickleError && message.test(error.message),
  )
}

/** Maps as the objects that the fixture's JSON holds. */
function plain(value: PickleValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  }
  return Array.isArray(value) ? value.map(plain) : value
}

test('reads what CPython writes, in protocols 0 to 5', () => {
  for (const { name, protocol, pickle, value } of fixture.cases) {
    const read = plain(readPickle(Buffer.from(pickle, 'base64'), none))
    assert.deepEqual(read, value, `${name}, protocol ${protocol}`)
  }
})

test('a value that is pickled once is one object', () => {
  const shared = fixture.cases.find(({ name, protocol }) => name === 'shared' && protocol === 4)
  const [first, second] = readPickle(Buffer.from(shared!.pickle, 'base64'), none) as unknown[]
  assert.equal(first, second)
})

test('bytes, sets and integers beyond 2^53', () => {
  const [empty, two, long] = readPickle(other('bytes'), none) as Uint8Array[]
  assert.deepEqual([empty!.length, [...two!], long!.length], [0, [0, 255], 300])
  assert.deepEqual(readPickle(other('bytearray'), none), new Uint8Array([1, 2]))
  assert.deepEqual(readPickle(other('set'), none), new Set([1, 'a']))
  assert.deepEqual(readPickle(other('frozenset'), none), new Set([1]))
  assert.deepEqual(readPickle(other('bigint'), none), [2n ** 53n, -(2n ** 63n), 2n ** 200n])
})

test('an unknown global is named, and none is called', () => {
  fails(other('os'), /asks for builtins\.eval, which is not read/)
  fails(bytes("cos\nsystem\n(S'true'\ntR."), /asks for os\.system/)
  fails(bytes('c__proto__\ntoString\n.'), /asks for __proto__\.toString/)
  fails(other('ordered'), /asks for collections\.OrderedDict/)
})

test('a listed global is built and given its state', () => {
  const ordered: PickleGlobal = { construct: () => new Map() }
  const made = readPickle(other('ordered'), { globals: { 'collections OrderedDict': ordered } })
  assert.deepEqual(
    made,
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  )

  const point: PickleGlobal = {
    construct: (args) => ({ args }),
    setState: (value, state) => ({ ...(value as object), state }),
  }
  const built = readPickle(bytes('cm\nPoint\n(I1\ntRI7\nb.'), { globals: { 'm Point': point } })
  assert.deepEqual(built, { args: [1], state: 7 })
})

test('a global may be mentioned without being callable', () => {
  const globals = { 'torch FloatStorage': {} }
  const reference = readPickle(bytes('ctorch\nFloatStorage\n.'), { globals })
  assert.ok(reference instanceof GlobalReference)
  assert.equal(reference.name, 'torch FloatStorage')
  fails(bytes('ctorch\nFloatStorage\n)R.'), /torch\.FloatStorage cannot be called/, { globals })
  fails(bytes('I1\n)R.'), /a value cannot be called/)
})

test('setState may take raw bytes that follow in the stream', () => {
  const array: PickleGlobal = {
    construct: () => ({}),
    setState: (_value, _state, cursor) => {
      cursor.position += 2
      return [...cursor.bytes.subarray(cursor.position - 2, cursor.position)]
    },
  }
  const input = bytes('cm\nArray\n)RNb', 7, 8, 'I5\n', 0x86, '.')
  assert.deepEqual(readPickle(input, { globals: { 'm Array': array } }), [[7, 8], 5])
})

test('consecutive pickles are read from one cursor', () => {
  const cursor = createCursor(bytes('I1\n.I2\n.'))
  assert.deepEqual([readPickle(cursor, none), readPickle(cursor, none)], [1, 2])
  assert.equal(cursor.position, 8)
})

test('lengths beyond the file are refused before anything is allocated', () => {
  const huge = [0xff, 0xff, 0xff, 0x7f]
  const huger = [...huge, 0xff, 0xff, 0xff, 0x7f]
  fails(bytes('X', ...huge, 'abc'), /inside 2147483647 bytes/)
  fails(bytes('T', 0xff, 0xff, 0xff, 0xff, 'abc'), /inside -1 bytes/)
  fails(bytes('B', ...huge, 'abc'), /inside 2147483647 bytes/)
  fails(bytes(0x8d, ...huger, 'abc'), /the file ends/)
  fails(bytes(0x8e, ...huger, 'abc'), /the file ends/)
  fails(bytes(0x8b, ...huge, 'abc'), /the file ends/)
  fails(bytes(0x8b, 0, 8, 0, 0, '\xff'.repeat(2048)), /an integer is too long/)
  fails(bytes('L', '9'.repeat(5000), 'L\n.'), /is not an integer/)
})

test('malformed pickles are errors', () => {
  fails(bytes(), /the file ends/)
  fails(bytes('.'), /the stack is empty/)
  fails(bytes('t.'), /there is no mark/)
  fails(bytes('h', 3, '.'), /memo 3 is not set/)
  fails(bytes('(I1\nd.'), /a key has no value/)
  fails(bytes('I1\nI2\na.'), /only a list/)
  fails(bytes('I1\nNb.'), /a plain value takes no state/)
  fails(bytes('NQ.'), /refers to data outside/)
  fails(bytes(0x80, 6, 'N.'), /protocol 6/)
  fails(bytes('P1'), /inside a line/)
  fails(bytes('X', 1, 0, 0, 0, 0xff, '.'), /not UTF-8/)
  fails(bytes('(i__main__\nX\n.'), /no opcode/)
})

test('nesting costs no stack, and cycles end', () => {
  const depth = 500_000
  let value = readPickle(bytes(']'.repeat(depth), 'a'.repeat(depth - 1), '.'), none)
  let found = 0
  for (; Array.isArray(value); value = value[0]) found += 1
  assert.equal(found, depth)

  const cycle = readPickle(bytes(']q', 0, 'h', 0, 'a.'), none) as unknown[]
  assert.equal(cycle[0], cycle)
})

test('a bomb of shared lists stays small, and operations are bounded', () => {
  const doubled = Array.from({ length: 100 }, (_, at) => bytes('(h', at, 'h', at, 'lq', at + 1))
  const bomb = Buffer.concat([bytes(']q', 0), ...doubled, bytes('.')])
  assert.ok(Array.isArray(readPickle(bomb, none)))
  fails(bytes('}'.repeat(1001)), /more than 1000 operations/, { globals: {}, maxOperations: 1000 })
})

test('any truncation or change of a byte is an error or a value, never a crash', () => {
  const whole = Buffer.from(fixture.cases.find(({ name }) => name === 'nested')!.pickle, 'base64')
  for (let length = 0; length < whole.length; length += 1) {
    assert.throws(() => readPickle(whole.subarray(0, length), none), PickleError)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
      try {
        readPickle(input, none)
      } catch (error) {
        assert.ok(error instanceof PickleError, String(error))
      }
    }),
    { numRuns: 3000 },
  )
})
