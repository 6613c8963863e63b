// A frozen TensorFlow graph → ONNX, through the converters of Keras' layers: a node is a layer whose weights are constants
// of the graph (nodes.ts says which).
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import type { Tensor, TensorType } from '../../tensor/tensor.ts'
import type { ImportedLayer } from '../importer.ts'
import { applyLayer, newState } from '../keras/convert-model.ts'
import type { ConvertSettings } from '../keras/layer-call.ts'
import { bad, type Config, isObject } from '../keras/model-config.ts'
import { inKerasOrder, type Value } from '../keras/value.ts'
import { type GraphNode, readNode } from './graph-node.ts'
import { type Operand, translateNode } from './nodes.ts'

const DTYPES: Readonly<Record<string, TensorType>> = {
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_BOOL: 'bool',
}

/** @throws DugaError model.unreadable, model.unsupported-layer */
export function buildGraphModel(
  topology: Config,
  signature: unknown,
  constants: ReadonlyMap<string, Tensor>,
): { readonly graph: Uint8Array; readonly layers: readonly ImportedLayer[] } {
  const nodes = new Map((topology.node as readonly unknown[]).map(readNode).map((n) => [n.name, n]))
  const graph = createGraph('graph_model')
  const settings: ConvertSettings = { kerasMajor: 2, custom: {}, notices: new Set() }
  const known = new Map<string, readonly Operand[] | 'open'>()

  const resolve = (reference: string): Operand => {
    const [name = '', output = '0'] = reference.split(':')
    const found = outputsOf(name)[Number(output)]
    if (found === undefined) throw bad(`"${name}" has no output ${output}`)
    return found
  }
  const outputsOf = (name: string): readonly Operand[] => {
    const found = known.get(name)
    if (found === 'open') throw bad(`"${name}" depends on itself`)
    if (found !== undefined) return found
    const node = nodes.get(name)
    if (node === undefined) throw bad(`the node "${name}" is not there`)
    known.set(name, 'open')
    const values = emit(node)
    known.set(name, values)
    return values
  }
  const emit = (node: GraphNode): readonly Operand[] => {
    const constant = constants.get(node.name)
    if (constant !== undefined) return [constant]
    if (node.op === 'Const') throw bad(`the constant "${node.name}" has no value`)
    if (node.op === 'Placeholder') return [addInput(node)]
    const operands = node.input.filter((name) => !name.startsWith('^')).map(resolve)
    const translated = translateNode(node, operands, (tensor) => asValue(node, tensor))
    if ('value' in translated) return [translated.value]
    const { layer, weights, args } = translated
    const walk = { graph, settings, state: newState(), depth: 0 }
    return applyLayer(walk, layer, weights, { args, kwargs: {}, norm: null })
  }
  const asValue = ({ name }: GraphNode, { dims, type, data }: Tensor): Value => ({
    ...{ shape: dims, type, channelsFirst: false, mask: null },
    name: graph.initializer(`${name}/constant`, { dims, type, data }),
  })
  const addInput = (node: GraphNode): Value => {
    const shape = node.shape ?? portShape(signature, 'inputs', node.name)
    const type = DTYPES[node.type('dtype') ?? 'DT_FLOAT']
    if (shape === null || type === undefined) throw bad(`the input "${node.name}" has no shape`)
    const dims = [null, ...shape.slice(1)]
    const wish = node.name.replaceAll(/[^\w.-]/g, '_')
    const free = dims.map((dim, axis) => dim ?? (axis === 0 ? 'N' : `${wish}_${axis}`))
    return {
      name: graph.input(wish, type, free),
      shape: dims,
      type,
      channelsFirst: false,
      mask: null,
    }
  }

  for (const { op, name } of nodes.values()) if (op === 'Placeholder') outputsOf(name)
  const outputs = outputNames(nodes, signature)
  for (const [key, reference] of outputs) {
    const value = resolve(reference)
    if (!('channelsFirst' in value)) throw bad(`the output "${key}" is a constant`)
    const { name, shape, type } = inKerasOrder(graph, value)
    const port = graph.name(key.replaceAll(/[^\w.-]/g, '_'))
    const free = shape.map((dim, axis) => dim ?? (axis === 0 ? 'N' : `${port}_${axis}`))
    graph.output(name, `${port}_output`, type, free)
  }
  const layers = Array.from(nodes.values())
    .filter(({ op }) => op !== 'Const' && op !== 'NoOp')
    .map(({ name, op }) => ({ name, kind: op }))
  return { graph: writeModel(graph.build()), layers }
}

/** Name → reference, of the signature; without one, what no other node uses. */
function outputNames(
  nodes: ReadonlyMap<string, GraphNode>,
  signature: unknown,
): readonly (readonly [string, string])[] {
  const ports = portsOf(signature, 'outputs')
  const named = Object.entries(ports).flatMap(([key, port]) =>
    isObject(port) && typeof port.name === 'string' ? [[key, port.name] as const] : [],
  )
  if (named.length > 0) return named
  const used = new Set(Array.from(nodes.values()).flatMap(({ input }) => input.map(plainName)))
  const last = Array.from(nodes.values()).filter(({ name, op }) => !used.has(name) && op !== 'NoOp')
  if (last.length === 0) throw bad('it has no outputs')
  return last.map(({ name }) => [name, name] as const)
}

const plainName = (reference: string): string => reference.replace(/^\^/, '').split(':')[0]!

function portsOf(signature: unknown, side: 'inputs' | 'outputs'): Config {
  const inner =
    isObject(signature) && isObject(signature.signature) ? signature.signature : signature
  return isObject(inner) && isObject(inner[side]) ? inner[side] : {}
}

function portShape(
  signature: unknown,
  side: 'inputs' | 'outputs',
  name: string,
): readonly (number | null)[] | null {
  const port = Object.values(portsOf(signature, side)).find(
    (one) => isObject(one) && typeof one.name === 'string' && plainName(one.name) === name,
  )
  const shape = isObject(port) && isObject(port.tensorShape) ? port.tensorShape.dim : null
  if (!Array.isArray(shape)) return null
  return shape.map((dim) => {
    const size = Number(isObject(dim) ? dim.size : -1)
    return size > 0 ? size : null
  })
}
