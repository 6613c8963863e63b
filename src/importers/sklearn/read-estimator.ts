// A pickle or joblib file of scikit-learn → descriptions of its objects. Nothing in it is executed: it may only name what
// globals.ts lists.
import { DugaError } from '../../errors.ts'
import { createArrayWrapper } from '../joblib/array-wrapper.ts'
import { decompress } from '../joblib/decompress.ts'
import type { Budget } from '../numpy/array.ts'
import { createNumpyGlobals } from '../numpy/globals.ts'
import { PickleError } from '../pickle/cursor.ts'
import type { PickleOptions, PickleValue } from '../pickle/machine.ts'
import { readPickle } from '../pickle/read-pickle.ts'
import { createPythonGlobals } from './globals.ts'

const MiB = 1024 * 1024
const PYTHON_GLOBALS = createPythonGlobals()

/** A vocabulary has ten operations a word, 25 where its places are numpy's numbers: more than a million words. */
const MOST_OPERATIONS = 40_000_000

const CODE =
  'nothing in a pickle is executed, and it is none of the classes that are known. Save the model without it, ' +
  'such as with a token_pattern in place of a tokenizer'

/**
 * Usually a PythonObject; a list, dictionary or array where that is what was saved.
 *
 * @throws DugaError model.unreadable: damaged, not of scikit-learn, or naming a class or function that is not listed
 */
export function readEstimator(file: Uint8Array): PickleValue {
  try {
    const bytes = decompress(file)
    const budget: Budget = { left: 16 * MiB + 4 * bytes.length }
    const globals = { ...PYTHON_GLOBALS, ...createNumpyGlobals(budget) }
    const plain: PickleOptions = { globals, maxOperations: MOST_OPERATIONS }
    const wrapper = createArrayWrapper(budget, () => plain)
    const options: PickleOptions = {
      ...plain,
      globals: { ...globals, 'joblib.numpy_pickle NumpyArrayWrapper': wrapper },
    }
    return readPickle(bytes, options)
  } catch (cause) {
    if (!(cause instanceof PickleError)) throw cause
    const unknown = /^the file asks for /.test(cause.message)
    const reason = unknown ? `${cause.message}: ${CODE}` : cause.message
    throw new DugaError('model.unreadable', { reason }, { cause })
  }
}
