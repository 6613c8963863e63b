// An instance of a class that a pickle names: its name and what the file says of its attributes. It has no behaviour.
import type { PickleGlobal, PickleValue } from '../pickle/machine.ts'

export class PythonObject {
  /** `module Class` */
  readonly type: string
  readonly args: readonly PickleValue[]
  /** By attribute. */
  attributes: ReadonlyMap<PickleValue, PickleValue> = new Map()
  /** The state where it is no dictionary. */
  state: PickleValue = null

  constructor(type: string, args: readonly PickleValue[]) {
    this.type = type
    this.args = args
  }

  /** The class without its module. */
  get kind(): string {
    return this.type.slice(this.type.indexOf(' ') + 1)
  }
}

/** @param type `module Class` */
export function describeClass(type: string): PickleGlobal {
  return { construct: (args) => new PythonObject(type, args), setState }
}

/** A state may be the attributes, a pair of them and the slots, or anything of the class's own. */
export function setState(value: PickleValue, state: PickleValue): PickleValue {
  if (!(value instanceof PythonObject)) return value
  const [first, second] = Array.isArray(state) && state.length === 2 ? state : []
  if (state instanceof Map) value.attributes = state
  else if (first instanceof Map && second === null) value.attributes = first
  else if (second instanceof Map) value.attributes = second
  else value.state = state
  return value
}
