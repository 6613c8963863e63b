// A graph's inputs and outputs as a caller sees them, and the batch dimension made free. Changes no
// node: whether the graph itself allows other batch sizes is for the caller to know (or to try).
import { DugaError } from '../../errors.ts'
import type { GraphProto, ModelProto, ValueInfoProto } from '../../onnx/proto.ts'

/** Inputs that a caller feeds: older files list their weights as inputs too. */
export function feedsOf(graph: GraphProto): readonly ValueInfoProto[] {
  const weights = new Set(graph.initializer.map(({ name }) => name))
  return graph.input.filter(({ name }) => !weights.has(name))
}

/**
 * The one input and the one output of a model that has no more. @throws DugaError
 * `model.unreadable`
 */
export function onlyPorts(model: ModelProto): { input: ValueInfoProto; output: ValueInfoProto } {
  const inputs = feedsOf(model.graph!)
  const outputs = model.graph!.output
  if (inputs.length !== 1 || outputs.length !== 1) {
    const reason = `it has ${inputs.length} inputs and ${outputs.length} outputs, not one of each`
    throw new DugaError('model.unreadable', { reason })
  }
  return { input: inputs[0]!, output: outputs[0]! }
}

/**
 * The same model with the first dimension of every input and output free; shapes in between are
 * dropped.
 */
export function freeBatch(model: ModelProto): ModelProto {
  const graph = model.graph!
  const feeds = new Set(feedsOf(graph))
  const input = graph.input.map((port) => (feeds.has(port) ? withFreeBatch(port) : port))
  const output = graph.output.map(withFreeBatch)
  return { ...model, graph: { ...graph, input, output, valueInfo: [] } }
}

function withFreeBatch(port: ValueInfoProto): ValueInfoProto {
  const tensor = port.type?.tensorType
  const [batch, ...rest] = tensor?.shape?.dim ?? []
  if (batch === undefined) return port
  const shape = { ...tensor?.shape, dim: [{ dimParam: 'N' }, ...rest] }
  return { ...port, type: { ...port.type, tensorType: { ...tensor, shape } } }
}
