// Takes out of a step graph what the rules of differentiation put in one node at a time: broadcasts that the next operator
// does by itself, shapes that a reduction can leave right away, copies to outputs. Small networks spend more time on
// starting operators than in them: the step of an autoencoder gets by with a third fewer.
import { intOf } from '../onnx/attribute.ts'
import { createNode } from '../onnx/graph.ts'
import { inferKnownShapes } from '../onnx/infer-shapes.ts'
import type { GraphProto, ModelProto, NodeProto } from '../onnx/proto.ts'
import type { Value } from '../onnx/shapes/rule.ts'

/** A new graph with the same inputs and outputs; every value that is left has the same bits. */
export function simplifyStep(model: ModelProto): ModelProto {
  const values = inferKnownShapes(model)
  const graph = { ...model.graph!, node: [...model.graph!.node] }
  while (delayExpand(graph, values)) {
    // Each one may make room for the next.
  }
  reduceAtOnce(graph, values)
  nameOutputs(graph)
  return { ...model, graph }
}

const BROADCASTS: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div'])

/**
 * Drops an Expand where every reader broadcasts to the same shape by itself; moves one behind its only reader where the
 * reader's other operand is a single number. @returns whether something changed
 */
function delayExpand(graph: GraphProto, values: Map<string, Value>): boolean {
  const outputs = new Set(graph.output.map(({ name }) => name!))
  for (const [i, node] of graph.node.entries()) {
    if (node.opType !== 'Expand' || outputs.has(node.output[0]!)) continue
    const [expanded, source] = [node.output[0]!, node.input[0]!]
    const readers = graph.node.filter(({ input }) => input.includes(expanded))
    const others = readers.map((reader) => otherOperand(reader, expanded))
    const shape = shapeOf(values, expanded)
    const isShaped = (other: string | null) =>
      shape !== null && other !== null && shapeOf(values, other) === shape
    if (readers.length > 0 && others.every(isShaped)) {
      graph.node.splice(i, 1)
      renameValue(graph, expanded, source)
      return true
    }
    const [reader] = readers
    const [other] = others
    if (readers.length !== 1 || other === null || sizeOf(values, other!) !== 1) continue
    if (!fitsBefore(values, source, other!)) continue
    const small = `${reader!.output[0]}/small`
    const { type } = values.get(source)!
    const input = reader!.input.map((name) => (name === expanded ? source : name))
    values.set(small, { type, shape: values.get(source)!.shape })
    const at = graph.node.indexOf(reader!)
    graph.node.splice(
      at,
      1,
      { ...reader!, name: small, input, output: [small] },
      createNode('Expand', [small, node.input[1]!], [reader!.output[0]!], {}),
    )
    graph.node.splice(i, 1)
    return true
  }
  return false
}

/** The other operand of an operator that broadcasts; null where the reader is none, or reads the value twice. */
function otherOperand({ opType, input }: NodeProto, name: string): string | null {
  if (!BROADCASTS.has(opType!) || input[0] === input[1]) return null
  return input[0] === name ? input[1]! : input[0]!
}

/** Whether the single number leaves the shape of the source as it is. */
function fitsBefore(values: ReadonlyMap<string, Value>, source: string, number: string): boolean {
  const [before, single] = [values.get(source), values.get(number)]
  return before !== undefined && single !== undefined && single.shape.length <= before.shape.length
}

/** A reduction that keeps its axes and a Reshape that takes them away again: the reduction alone. */
function reduceAtOnce(graph: GraphProto, values: ReadonlyMap<string, Value>): void {
  const readers = countReaders(graph)
  for (const node of graph.node) {
    if (node.opType !== 'ReduceSum' || intOf(node, 'keepdims', 1) !== 1) continue
    const kept = node.output[0]!
    const reshape = graph.node.find(
      ({ opType, input }) => opType === 'Reshape' && input[0] === kept,
    )
    if (reshape === undefined || readers.get(kept) !== 1) continue
    const axes = node.input[1] === undefined ? undefined : values.get(node.input[1])?.constant
    if (axes === undefined) continue
    const shape = values.get(kept)?.shape
    const wanted = shapeOf(values, reshape.output[0]!)
    if (shape === undefined || wanted === null) continue
    const gone = new Set(
      Array.from(axes.data as BigInt64Array, (axis) =>
        axis < 0n ? Number(axis) + shape.length : Number(axis),
      ),
    )
    const left = shape.filter((_, axis) => !gone.has(axis))
    if (String(left) !== wanted) continue
    const at = graph.node.indexOf(node)
    const others = node.attribute.filter(({ name }) => name !== 'keepdims')
    const bare = createNode('ReduceSum', node.input, reshape.output, { keepdims: 0 })
    graph.node[at] = { ...bare, attribute: [...others, ...bare.attribute] }
    graph.node.splice(graph.node.indexOf(reshape), 1)
  }
}

/** Gives a value the name of the output that it was copied to. */
function nameOutputs(graph: GraphProto): void {
  const outputs = new Set(graph.output.map(({ name }) => name!))
  const made = new Set(graph.node.flatMap(({ output }) => output))
  for (const copy of graph.node.filter(({ opType }) => opType === 'Identity')) {
    const [from, to] = [copy.input[0]!, copy.output[0]!]
    if (!outputs.has(to) || outputs.has(from) || !made.has(from)) continue
    graph.node.splice(graph.node.indexOf(copy), 1)
    renameValue(graph, from, to)
    made.delete(from)
    made.add(to)
  }
}

function countReaders({ node, output }: GraphProto): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of [...node.flatMap(({ input }) => input), ...output.map(({ name }) => name!)]) {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

/** null where it is not known, as of operators that only gradients are made of. */
const shapeOf = (values: ReadonlyMap<string, Value>, name: string): string | null => {
  const value = values.get(name)
  return value === undefined ? null : String(value.shape)
}

const sizeOf = (values: ReadonlyMap<string, Value>, name: string): number | null =>
  values.get(name)?.shape.reduce((all, size) => all * size, 1) ?? null

/** Nodes are replaced, not changed: they may be the given model's. */
function renameValue(graph: GraphProto, from: string, to: string): void {
  const rename = (name: string): string => (name === from ? to : name)
  for (const [i, node] of graph.node.entries()) {
    if (!node.input.includes(from) && !node.output.includes(from)) continue
    graph.node[i] = { ...node, input: node.input.map(rename), output: node.output.map(rename) }
  }
}
