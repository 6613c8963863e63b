// A node of a TensorFlow graph as JSON (tensorflow.NodeDef), with typed reads of its attributes.
import { bad, type Config, isObject } from '../keras/model-config.ts'

export interface GraphNode {
  readonly name: string
  readonly op: string
  readonly input: readonly string[]
  /** The attribute `shape`, where it is known. */
  readonly shape: readonly (number | null)[] | null
  text(attribute: string, otherwise?: string): string
  texts(attribute: string): readonly string[]
  numbers(attribute: string): readonly number[]
  number(attribute: string, otherwise: number): number
  flag(attribute: string): boolean
  type(attribute: string): string | undefined
}

/** @throws DugaError model.unreadable */
export function readNode(value: unknown): GraphNode {
  const { name, op, input = [], attr = {} } = isObject(value) ? value : ({} as Config)
  if (typeof name !== 'string' || typeof op !== 'string' || !isObject(attr)) {
    throw bad('a node of its graph has no name and op')
  }
  const of = (key: string): Config => (isObject(attr[key]) ? attr[key] : {})
  const list = (key: string, kind: string): readonly unknown[] => {
    const { list: values } = of(key)
    const items = isObject(values) ? values[kind] : undefined
    return Array.isArray(items) ? items : []
  }
  return {
    name,
    op,
    input: Array.isArray(input) ? input.map(String) : [],
    shape: readShape(of('shape').shape),
    text: (key, otherwise = '') => {
      const { s } = of(key)
      return typeof s === 'string' ? fromBase64(s) : otherwise
    },
    texts: (key) => list(key, 's').map((item) => fromBase64(String(item))),
    numbers: (key) => list(key, 'i').map(Number),
    number: (key, otherwise) => {
      const { f, i } = of(key)
      return Number(f ?? i ?? otherwise)
    },
    flag: (key) => of(key).b === true,
    type: (key) => {
      const { type } = of(key)
      return typeof type === 'string' ? type : undefined
    },
  }
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1')
}

function readShape(value: unknown): readonly (number | null)[] | null {
  if (!isObject(value) || value.unknownRank === true || !Array.isArray(value.dim)) return null
  return value.dim.map((dim) => {
    const size = Number(isObject(dim) ? dim.size : -1)
    return size > 0 ? size : null
  })
}
