// The opcodes of protocols 0 to 5 by their byte, after CPython's pickletools; the mnemonic follows
// each. Left out: classes of Python 2 (INST, OBJ), the extension registry (EXT1 …) and out-of-band
// buffers; they are errors.
import {
  decodeUtf8,
  PickleError,
  take,
  takeByte,
  takeFloat64BigEndian,
  takeInt32,
  takeLine,
  takeLineBytes,
  takeUint16,
  takeUint32,
  takeUint64,
} from './cursor.ts'
import {
  addItems,
  append,
  build,
  findGlobal,
  type Machine,
  mark,
  type PickleValue,
  peek,
  persist,
  pop,
  popMany,
  popMark,
  recall,
  reduce,
  remember,
  setItems,
} from './machine.ts'
import {
  parseDecimal,
  parseFloat0,
  parseInt0,
  parseLong,
  parseQuoted,
  parseRawUnicode,
} from './values.ts'

export const STOP = 0x2e

const NEWEST_PROTOCOL = 5

type Operation = (machine: Machine) => void

const push =
  (value: (machine: Machine) => PickleValue): Operation =>
  (machine) => {
    const made = value(machine)
    machine.stack.push(made)
  }

export const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x49, push(({ cursor }) => parseInt0(takeLine(cursor)))], // INT
  [0x4a, push(({ cursor }) => takeInt32(cursor))], // BININT
  [0x4b, push(({ cursor }) => takeByte(cursor))], // BININT1
  [0x4d, push(({ cursor }) => takeUint16(cursor))], // BININT2
  [0x4c, push(({ cursor }) => parseDecimal(takeLine(cursor)))], // LONG
  [0x8a, push(({ cursor }) => parseLong(take(cursor, takeByte(cursor))))], // LONG1
  [0x8b, push(({ cursor }) => parseLong(take(cursor, takeInt32(cursor))))], // LONG4
  [0x46, push(({ cursor }) => parseFloat0(takeLine(cursor)))], // FLOAT
  [0x47, push(({ cursor }) => takeFloat64BigEndian(cursor))], // BINFLOAT
  [0x4e, push(() => null)], // NONE
  [0x88, push(() => true)], // NEWTRUE
  [0x89, push(() => false)], // NEWFALSE
  [0x53, push(({ cursor }) => parseQuoted(takeLine(cursor)))], // STRING
  [0x54, push(({ cursor }) => decodeUtf8(take(cursor, takeInt32(cursor))))], // BINSTRING
  [0x55, push(({ cursor }) => decodeUtf8(take(cursor, takeByte(cursor))))], // SHORT_BINSTRING
  [0x56, push(({ cursor }) => parseRawUnicode(takeLineBytes(cursor)))], // UNICODE
  [0x8c, push(({ cursor }) => decodeUtf8(take(cursor, takeByte(cursor))))], // SHORT_BINUNICODE
  [0x58, push(({ cursor }) => decodeUtf8(take(cursor, takeUint32(cursor))))], // BINUNICODE
  [0x8d, push(({ cursor }) => decodeUtf8(take(cursor, takeUint64(cursor))))], // BINUNICODE8
  [0x43, push(({ cursor }) => new Uint8Array(take(cursor, takeByte(cursor))))], // SHORT_BINBYTES
  [0x42, push(({ cursor }) => new Uint8Array(take(cursor, takeUint32(cursor))))], // BINBYTES
  [0x8e, push(({ cursor }) => new Uint8Array(take(cursor, takeUint64(cursor))))], // BINBYTES8
  [0x96, push(({ cursor }) => new Uint8Array(take(cursor, takeUint64(cursor))))], // BYTEARRAY8

  [0x5d, push(() => [])], // EMPTY_LIST
  [0x6c, push(popMark)], // LIST
  [0x61, (machine) => append(machine, [pop(machine)])], // APPEND
  [0x65, (machine) => append(machine, popMark(machine))], // APPENDS
  [0x29, push(() => [])], // EMPTY_TUPLE
  [0x74, push(popMark)], // TUPLE
  [0x85, push((machine) => popMany(machine, 1))], // TUPLE1
  [0x86, push((machine) => popMany(machine, 2))], // TUPLE2
  [0x87, push((machine) => popMany(machine, 3))], // TUPLE3
  [0x7d, push(() => new Map())], // EMPTY_DICT
  [0x64, push((machine) => setItems(new Map(), popMark(machine)))], // DICT
  [0x73, (machine) => setTop(machine, popMany(machine, 2))], // SETITEM
  [0x75, (machine) => setTop(machine, popMark(machine))], // SETITEMS
  [0x8f, push(() => new Set())], // EMPTY_SET
  [0x90, (machine) => addItems(machine, popMark(machine))], // ADDITEMS
  [0x91, push((machine) => new Set(popMark(machine)))], // FROZENSET

  [0x28, mark], // MARK
  [0x31, (machine) => drop(popMark(machine))], // POP_MARK
  [0x30, (machine) => drop(machine.stack.length > 0 ? pop(machine) : popMark(machine))], // POP
  [0x32, push(peek)], // DUP
  [0x67, push((machine) => recall(machine, Number(parseDecimal(takeLine(machine.cursor)))))], // GET
  [0x68, push((machine) => recall(machine, takeByte(machine.cursor)))], // BINGET
  [0x6a, push((machine) => recall(machine, takeUint32(machine.cursor)))], // LONG_BINGET
  [0x70, (machine) => remember(machine, Number(parseDecimal(takeLine(machine.cursor))))], // PUT
  [0x71, (machine) => remember(machine, takeByte(machine.cursor))], // BINPUT
  [0x72, (machine) => remember(machine, takeUint32(machine.cursor))], // LONG_BINPUT
  [0x94, (machine) => remember(machine, machine.memo.size)], // MEMOIZE

  [
    0x63,
    push((machine) => {
      const module = takeLine(machine.cursor)
      return findGlobal(machine, module, takeLine(machine.cursor))
    }),
  ], // GLOBAL
  [
    0x93,
    push((machine) => {
      const [module, name] = popMany(machine, 2)
      return findGlobal(machine, module, name)
    }),
  ], // STACK_GLOBAL
  [0x52, reduce], // REDUCE
  [0x81, reduce], // NEWOBJ
  [0x62, build], // BUILD
  [0x50, (machine) => persist(machine, takeLine(machine.cursor))], // PERSID
  [0x51, (machine) => persist(machine, pop(machine))], // BINPERSID

  [0x80, (machine) => checkProtocol(takeByte(machine.cursor))], // PROTO
  // A frame only announces a length; every read is checked by itself.
  [0x95, (machine) => drop(takeUint64(machine.cursor))], // FRAME
])

function setTop(machine: Machine, items: readonly PickleValue[]): void {
  setItems(peek(machine), items)
}

function drop(_value: PickleValue): void {}

function checkProtocol(protocol: number): void {
  if (protocol > NEWEST_PROTOCOL) throw new PickleError(`pickle protocol ${protocol} is not read`)
}
