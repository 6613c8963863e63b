// The decoder of the engine's tests: a list of numbers to a row, or whatever misbehaviour is asked for.
import type { Decode } from '../../src/engine/service.ts'
import { DugaError } from '../../src/errors.ts'
import type { TestInput } from './engine-versions.ts'

/** JSON services give the object, file services its JSON text. */
export const decode: Decode<TestInput | Uint8Array> = async (input, context) => {
  const asked: TestInput = input instanceof Uint8Array ? parse(input) : input
  const { values, rows = 1, counter, gate } = asked
  if (counter !== undefined) Atomics.add(new Int32Array(counter), 0, 1)
  if (gate !== undefined) Atomics.wait(new Int32Array(gate), 0, 0)
  switch (asked.misbehave) {
    case 'throw':
      throw new Error('the decoder threw', { cause: new Error('its cause') })
    case 'invalid':
      throw new DugaError('input.invalid', { reason: 'asked for' })
    case 'hang':
      for (;;);
    case 'memory':
      fillMemory()
      break
    case 'exit':
      process.exit(3)
      break
    case 'uncloneable':
      return { rows, feeds: {}, extra: (() => 1) as never }
    default:
  }
  const data = Float32Array.from(values)
  const detected = Object.hasOwn(context.manifest.files, 'detector')
    ? await context.run('detector', { x: { type: 'float32', dims: [1, values.length], data } })
    : null
  const notes = Object.hasOwn(context.manifest.files, 'notes')
    ? new TextDecoder().decode(await context.file('notes'))
    : null
  return {
    rows,
    feeds: { x: { type: 'float32', dims: [rows, values.length / rows], data } },
    extra: { detected: detected === null ? null : [...(detected.y!.data as Float32Array)], notes },
  }
}

function parse(bytes: Uint8Array): TestInput {
  return JSON.parse(new TextDecoder().decode(bytes))
}

function fillMemory(): void {
  const kept: object[] = []
  for (;;) kept.push({ values: new Array(100).fill(Math.random()) })
}
