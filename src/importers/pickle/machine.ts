// The stack machine that a pickle drives: stack, marks, memo, and the few operations that are more
// than a push. Iterative throughout, so nesting costs no call stack; every value lies in the
// machine until STOP.
import { type Cursor, createCursor, PickleError } from './cursor.ts'

/**
 * None, bool, int (bigint where a number cannot hold it), float, str, bytes, list and tuple
 * (arrays), dict (Map), set (Set), a {@link GlobalReference}, or what a global made. Values may be
 * shared and, in a hostile file, cyclic.
 */
export type PickleValue = unknown

/** What stands for a Python class or function that a pickle may name. */
export interface PickleGlobal {
  /** Called by REDUCE and NEWOBJ. Absent: the name may be mentioned, not called. */
  readonly construct?: (args: readonly PickleValue[]) => PickleValue
  /**
   * Called by BUILD with a value that `construct` made. May take raw bytes that follow in the
   * stream, as joblib's do.
   */
  readonly setState?: (value: PickleValue, state: PickleValue, cursor: Cursor) => PickleValue
}

/** A global as a value: a class that is handed to a function, say. */
export class GlobalReference {
  /** `module name` */
  readonly name: string
  readonly global: PickleGlobal

  constructor(name: string, global: PickleGlobal) {
    this.name = name
    this.global = global
  }
}

export interface PickleOptions {
  /**
   * `module name` → what stands for it, such as `collections OrderedDict`. A closed set: any other
   * name is an error.
   */
  readonly globals: Readonly<Record<string, PickleGlobal>>
  /** Resolves persistent ids; without it they are an error. */
  readonly persistentLoad?: (id: PickleValue) => PickleValue
  /** Bounds the time and memory that a file can ask for; operations that make objects count several times. */
  readonly maxOperations?: number
}

export interface Machine {
  readonly cursor: Cursor
  readonly options: PickleOptions
  stack: PickleValue[]
  readonly marks: PickleValue[][]
  readonly memo: Map<number, PickleValue>
  /** Which global made a value: BUILD asks. */
  readonly makers: WeakMap<object, GlobalReference>
}

export function createMachine(input: Uint8Array | Cursor, options: PickleOptions): Machine {
  const cursor = input instanceof Uint8Array ? createCursor(input) : input
  return { cursor, options, stack: [], marks: [], memo: new Map(), makers: new WeakMap() }
}

export function pop(machine: Machine): PickleValue {
  if (machine.stack.length === 0) throw new PickleError('the stack is empty')
  return machine.stack.pop()
}

export function popMany(machine: Machine, count: number): PickleValue[] {
  if (machine.stack.length < count) throw new PickleError('the stack is empty')
  return machine.stack.splice(-count)
}

export function peek(machine: Machine): PickleValue {
  if (machine.stack.length === 0) throw new PickleError('the stack is empty')
  return machine.stack.at(-1)
}

export function mark(machine: Machine): void {
  machine.marks.push(machine.stack)
  machine.stack = []
}

/** Everything since the last mark. */
export function popMark(machine: Machine): PickleValue[] {
  const outer = machine.marks.pop()
  if (outer === undefined) throw new PickleError('there is no mark')
  const items = machine.stack
  machine.stack = outer
  return items
}

export function remember(machine: Machine, key: number): void {
  machine.memo.set(key, peek(machine))
}

export function recall(machine: Machine, key: number): PickleValue {
  if (!machine.memo.has(key)) throw new PickleError(`memo ${key} is not set`)
  return machine.memo.get(key)
}

export function append(machine: Machine, items: readonly PickleValue[]): void {
  const list = peek(machine)
  if (!Array.isArray(list)) throw new PickleError('only a list can be appended to')
  for (const item of items) list.push(item)
}

export function setItems(map: PickleValue, items: readonly PickleValue[]): PickleValue {
  if (!(map instanceof Map)) throw new PickleError('only a dict takes keys')
  if (items.length % 2 === 1) throw new PickleError('a key has no value')
  for (let index = 0; index < items.length; index += 2) map.set(items[index], items[index + 1])
  return map
}

export function addItems(machine: Machine, items: readonly PickleValue[]): void {
  const set = peek(machine)
  if (!(set instanceof Set)) throw new PickleError('only a set can be added to')
  for (const item of items) set.add(item)
}

/** @throws PickleError that names the global, when it is not listed. */
export function findGlobal(
  machine: Machine,
  module: PickleValue,
  name: PickleValue,
): GlobalReference {
  const full = `${module} ${name}`
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw new PickleError('a global has no name')
  }
  if (!Object.hasOwn(machine.options.globals, full)) {
    throw new PickleError(`the file asks for ${module}.${name}, which is not read`)
  }
  return new GlobalReference(full, machine.options.globals[full]!)
}

/** REDUCE and NEWOBJ: calls the global below the arguments. */
export function reduce(machine: Machine): void {
  const [callee, args] = popMany(machine, 2)
  if (!(callee instanceof GlobalReference) || callee.global.construct === undefined) {
    const name = callee instanceof GlobalReference ? callee.name.replace(' ', '.') : 'a value'
    throw new PickleError(`${name} cannot be called`)
  }
  if (!Array.isArray(args)) throw new PickleError('arguments are no tuple')
  const value = callee.global.construct(args)
  if (typeof value === 'object' && value !== null) machine.makers.set(value, callee)
  machine.stack.push(value)
}

/** BUILD: hands a state to the global that made the value below it. */
export function build(machine: Machine): void {
  const [value, state] = popMany(machine, 2)
  const maker = typeof value === 'object' && value !== null ? machine.makers.get(value) : undefined
  if (maker?.global.setState === undefined) {
    throw new PickleError(`${maker?.name.replace(' ', '.') ?? 'a plain value'} takes no state`)
  }
  machine.stack.push(maker.global.setState(value, state, machine.cursor))
}

export function persist(machine: Machine, id: PickleValue): void {
  const { persistentLoad } = machine.options
  if (persistentLoad === undefined) throw new PickleError('the file refers to data outside it')
  machine.stack.push(persistentLoad(id))
}
