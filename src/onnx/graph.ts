// Builds an ONNX graph node by node. Values are named by strings; nothing is inferred or optimised,
// and output shapes are what the caller says: onnxruntime checks them when it loads the model.
import type { Tensor, TensorType } from '../tensor/tensor.ts'
import { type Attributes, createAttribute } from './attribute.ts'
import {
  DATA_TYPE,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from './proto.ts'
import { toTensorProto } from './tensor-proto.ts'

/** A number fixes the dimension, a string names a free one, such as `N`. */
export type Shape = readonly (number | string)[]

export interface GraphBuilder {
  /** Takes a name for a value that the caller makes himself: `wish`, made unique. */
  name(wish: string): string
  /** Declares an input and returns its name, made unique. */
  input(name: string, type: TensorType, shape: Shape): string
  /** Adds a constant and returns its name; names are made unique. */
  initializer(name: string, tensor: Tensor): string
  /** As `initializer`, but stored as float16 and cast back to float32 when the model loads. */
  halfInitializer(name: string, tensor: Tensor): string
  /**
   * Adds a node with one output and returns that output's name. An empty input name leaves an
   * optional input out.
   */
  node(
    op: string,
    inputs: readonly string[],
    attributes?: Attributes,
    options?: NodeOptions,
  ): string
  /** Adds a node with `count` outputs and returns their names. */
  nodes(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes?: Attributes,
    options?: NodeOptions,
  ): string[]
  /** Publishes a value under a name of its own. */
  output(value: string, name: string, type: TensorType, shape: Shape): void
  /** The graph alone, as the body of `If`, `Loop` or `Scan`. */
  toGraph(): GraphProto
  build(options?: ModelOptions): ModelProto
}

export interface GraphOptions {
  /** Names that are not to be given, because the nodes will stand beside others that have them. */
  readonly taken?: Iterable<string>
}

export interface NodeOptions {
  readonly name?: string
  /** Operator domain; the standard one by default. */
  readonly domain?: string
}

export interface ModelOptions {
  readonly opset?: number
  readonly irVersion?: number
  /** Further operator domains and their versions, such as `{ 'ai.onnx.ml': 3 }`. */
  readonly domains?: Readonly<Record<string, number>>
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * An empty graph.
 *
 * @example
 * const graph = createGraph('double')
 * const x = graph.input('x', 'float32', ['N', 3])
 * graph.output(graph.node('Add', [x, x]), 'y', 'float32', ['N', 3])
 * const bytes = writeModel(graph.build())
 */
export function createGraph(name: string, options: GraphOptions = {}): GraphBuilder {
  const graph: GraphProto = {
    name,
    node: [],
    initializer: [],
    input: [],
    output: [],
    valueInfo: [],
  }
  return buildOnto(graph, options.taken)
}

/**
 * Builds on after the nodes of a graph that exists; values of it are named as it names them. The
 * given graph itself is changed.
 */
export function extendGraph(graph: GraphProto): GraphBuilder {
  const values = [...graph.input, ...graph.initializer, ...graph.output].map(({ name }) => name)
  const taken = [...values, ...graph.node.flatMap(({ input, output }) => [...input, ...output])]
  return buildOnto(
    graph,
    taken.filter((name) => name !== undefined),
  )
}

function buildOnto(graph: GraphProto, taken?: Iterable<string>): GraphBuilder {
  const unique = createNames(taken)
  const add: GraphBuilder['nodes'] = (op, inputs, count, attributes = {}, named = {}) => {
    const output = Array.from({ length: count }, () => unique(named.name ?? op.toLowerCase()))
    graph.node.push(createNode(op, inputs, output, attributes, named.domain))
    return output
  }
  const builder: GraphBuilder = {
    name: unique,
    input: (wish, type, shape) => {
      const free = unique(wish)
      graph.input.push(createValueInfo(free, type, shape))
      return free
    },
    initializer: (wish, tensor) => {
      const free = unique(wish)
      graph.initializer.push(toTensorProto(free, tensor))
      return free
    },
    halfInitializer: (wish, tensor) => {
      const stored = unique(`${wish}.half`)
      graph.initializer.push(toTensorProto(stored, tensor, { half: true }))
      return builder.node('Cast', [stored], { to: DATA_TYPE.float32 }, { name: wish })
    },
    node: (op, inputs, attributes, named) => add(op, inputs, 1, attributes, named)[0]!,
    nodes: add,
    output: (value, wish, type, shape) => {
      if (unique(wish) !== wish) throw new TypeError(`Output name "${wish}" is taken.`)
      graph.node.push(createNode('Identity', [value], [wish], {}))
      graph.output.push(createValueInfo(wish, type, shape))
    },
    toGraph: () => graph,
    build: (model = {}) => createModel(graph, model),
  }
  return builder
}

/** Gives a name, or the first free one that begins with it. */
function createNames(used: Iterable<string> = []): (wish: string) => string {
  const taken = new Set(used)
  const counts = new Map<string, number>()
  return (wish) => {
    let free = wish
    let count = counts.get(wish) ?? 1
    for (; taken.has(free); count += 1) free = `${wish}_${count}`
    counts.set(wish, count)
    taken.add(free)
    return free
  }
}

/** A typed value of a graph's inputs, outputs or intermediate values. */
export function createValueInfo(name: string, type: TensorType, shape: Shape): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'number' ? { dimValue: BigInt(size) } : { dimParam: size },
  )
  return { name, type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim } } } }
}

function createModel(graph: GraphProto, options: ModelOptions): ModelProto {
  const { opset = 17, irVersion = 8, domains = {}, metadata = {} } = options
  return {
    irVersion: BigInt(irVersion),
    producerName: 'duga',
    graph,
    opsetImport: Object.entries({ '': opset, ...domains }).map(([domain, version]) => ({
      domain,
      version: BigInt(version),
    })),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  }
}

export function createNode(
  op: string,
  inputs: readonly string[],
  output: string[],
  attributes: Attributes,
  domain?: string,
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, value]) => createAttribute(name, value))
  return { input: [...inputs], output, name: output[0], opType: op, attribute, domain }
}
