// Reads a Python pickle as plain data. It runs nothing: a pickle may only name globals that the
// caller lists, each a function of ours over plain values, and any other name is an error that says
// so.
import { type Cursor, PickleError, takeByte } from './cursor.ts'
import { createMachine, type PickleOptions, type PickleValue, pop } from './machine.ts'
import { OPERATIONS, STOP } from './operations.ts'

/**
 * Opcodes that take far more memory than a number does count as several operations: dictionaries, sets, objects, bytes,
 * lists. A file can then ask for a gigabyte at most, with the limits in use.
 */
const COSTS: ReadonlyMap<number, number> = new Map([
  ...[0x7d, 0x64, 0x8f, 0x91].map((code) => [code, 16] as const),
  ...[0x43, 0x42, 0x8e, 0x96].map((code) => [code, 16] as const),
  ...[0x52, 0x81].map((code) => [code, 8] as const),
  ...[0x5d, 0x6c, 0x29, 0x74].map((code) => [code, 4] as const),
  ...[0x28, 0x85, 0x86, 0x87].map((code) => [code, 2] as const),
])

/**
 * Reads one pickle; given a cursor, leaves it after the pickle's STOP.
 *
 * @throws PickleError when the file is malformed, runs past the limit, or names a global that is
 * not listed.
 */
export function readPickle(input: Uint8Array | Cursor, options: PickleOptions): PickleValue {
  const machine = createMachine(input, options)
  const { maxOperations = 5_000_000 } = options
  for (let count = 0; count < maxOperations; ) {
    const code = takeByte(machine.cursor)
    count += COSTS.get(code) ?? 1
    if (code === STOP) return pop(machine)
    const operation = OPERATIONS.get(code)
    if (operation === undefined) {
      const where = machine.cursor.position - 1
      throw new PickleError(`byte ${where} is 0x${code.toString(16)}, which is no opcode read here`)
    }
    operation(machine)
  }
  throw new PickleError(`the pickle has more than ${maxOperations} operations`)
}
