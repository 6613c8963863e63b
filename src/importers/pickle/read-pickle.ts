// Reads a Python pickle as plain data. It runs nothing: a pickle may only name globals that the
// caller lists, each a function of ours over plain values, and any other name is an error that says
// so.
import { type Cursor, PickleError, takeByte } from './cursor.ts'
import { createMachine, type PickleOptions, type PickleValue, pop } from './machine.ts'
import { OPERATIONS, STOP } from './operations.ts'

/**
 * Reads one pickle; given a cursor, leaves it after the pickle's STOP.
 *
 * @throws PickleError when the file is malformed, runs past the limit, or names a global that is
 * not listed.
 */
export function readPickle(input: Uint8Array | Cursor, options: PickleOptions): PickleValue {
  const machine = createMachine(input, options)
  const { maxOperations = 5_000_000 } = options
  for (let count = 0; count < maxOperations; count += 1) {
    const code = takeByte(machine.cursor)
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
