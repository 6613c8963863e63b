// Puts an image classifier of float planes behind the interface of Duga's own: uint8 pixels [N,
// height, width, 3] in, and probabilities out. Normalisation becomes the first nodes of the graph,
// softmax the last.
import { createGraph } from '../../onnx/graph.ts'
import type { GraphProto, ModelProto, NodeProto } from '../../onnx/proto.ts'
import { onlyPorts } from './ports.ts'

/** From this version of the format on, weights need not be listed as inputs. */
const OLDEST_IR_VERSION = 4n

export interface ClassifierOptions {
  readonly height: number
  readonly width: number
  readonly classes: number
  /** In units of 0..255, a channel each: (v − mean) / deviation. */
  readonly mean: readonly [number, number, number]
  readonly deviation: readonly [number, number, number]
}

/**
 * `model` takes float32 [N, 3, height, width], RGB, and gives logits [N, classes]. The result:
 * input `pixels`, output `probabilities`.
 *
 * @throws DugaError `model.unreadable` when it has more than one input or output
 */
export function wrapClassifier(model: ModelProto, options: ClassifierOptions): ModelProto {
  const { height, width, classes, mean, deviation } = options
  const { input, output } = onlyPorts(model)
  const inner = model.graph!
  const wrap = createGraph(inner.name ?? 'classifier', { taken: namesOf(inner) })
  const channels = (name: string, data: readonly number[]): string =>
    wrap.initializer(name, { type: 'float32', dims: [3], data: Float32Array.from(data) })

  const pixels = wrap.input('pixels', 'uint8', ['N', height, width, 3])
  const values = wrap.node('Cast', [pixels], { to: 1 }, { name: 'values' })
  const centred = wrap.node('Sub', [values, channels('mean', mean)], {}, { name: 'centred' })
  const inputs = [centred, channels('deviation', deviation)]
  const scaled = wrap.node('Div', inputs, {}, { name: 'scaled' })
  const planes = wrap.node('Transpose', [scaled], { perm: [0, 3, 1, 2] }, { name: 'planes' })
  const before = [...wrap.toGraph().node, ...identity(planes, input.name!)]

  const softmax = wrap.node('Softmax', [output.name!], { axis: 1 }, { name: 'softmax' })
  wrap.output(softmax, 'probabilities', 'float32', ['N', classes])
  const after = wrap.toGraph().node.slice(before.length - 1)
  const graph = join(inner, wrap.toGraph(), [...before, ...inner.node, ...after])
  const { irVersion = OLDEST_IR_VERSION } = model
  return {
    ...model,
    graph,
    irVersion: irVersion > OLDEST_IR_VERSION ? irVersion : OLDEST_IR_VERSION,
  }
}

/** Of values and of nodes: onnxruntime wants both to be unique. */
function* namesOf(graph: GraphProto): Generator<string> {
  for (const { name } of [...graph.input, ...graph.initializer]) yield name ?? ''
  for (const { name = '', output } of graph.node) yield* [name, ...output]
}

function identity(from: string, to: string): NodeProto[] {
  return [{ input: [from], output: [to], name: to, opType: 'Identity', attribute: [] }]
}

function join(inner: GraphProto, outer: GraphProto, node: NodeProto[]): GraphProto {
  return {
    ...inner,
    node,
    initializer: [...outer.initializer, ...inner.initializer],
    // Without the weights that old files list here: they would count as values that a caller may
    // replace.
    input: outer.input,
    output: outer.output,
    valueInfo: [],
  }
}
