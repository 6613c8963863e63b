// Class names as Python prints them.
import { NumpyArray } from '../numpy/array.ts'
import type { PickleValue } from '../pickle/machine.ts'
import { attribute, has, refuse, toList } from './attributes.ts'
import { PythonObject } from './python-object.ts'

/** The names of `classes_`, by output index. */
export function classesOf(object: PythonObject): readonly string[] {
  // RidgeClassifier keeps them in what made its targets.
  const binarizer = attribute(object, '_label_binarizer')
  const holder = !has(object, 'classes_') && binarizer instanceof PythonObject ? binarizer : object
  const found = toNames(attribute(holder, 'classes_'))
  if (found === null) refuse(object, 'its "classes_" is no list of names or numbers')
  if (found.length < 2) refuse(object, `it knows ${found.length} class`)
  return found
}

/**
 * What a file of class names holds: a list, an array, a dictionary of index → name or name → index, or a LabelEncoder.
 * null where it is none of them.
 */
export function toNames(value: PickleValue): readonly string[] | null {
  if (value instanceof PythonObject) {
    return value.kind === 'LabelEncoder' ? toNames(attribute(value, 'classes_')) : null
  }
  if (value instanceof Map) return fromDictionary(value)
  const items = toList(value)
  if (items === null) return null
  const texts = items.map((item) => toName(item, value))
  return texts.every((text) => text !== null) ? texts : null
}

function fromDictionary(map: ReadonlyMap<PickleValue, PickleValue>): readonly string[] | null {
  const entries = [...map]
  const byIndex = entries.every(([key]) => typeof key === 'number')
  const pairs = entries.map(([key, item]) => (byIndex ? [key, item] : [item, key]))
  const names: string[] = []
  for (const [index, item] of pairs) {
    const name = toName(item, null)
    if (typeof index !== 'number' || !(index >= 0 && index < pairs.length) || name === null) {
      return null
    }
    names[index] = name
  }
  return Object.keys(names).length === pairs.length ? names : null
}

function toName(item: PickleValue, within: PickleValue): string | null {
  if (typeof item === 'string') return item
  if (typeof item === 'boolean') return item ? 'True' : 'False'
  if (typeof item === 'bigint') return String(item)
  if (typeof item !== 'number') return null
  const kind = within instanceof NumpyArray ? within.dtype.kind : ''
  if (kind === 'b') return item === 1 ? 'True' : 'False'
  return kind === 'f' && Number.isInteger(item) ? item.toFixed(1) : String(item)
}
