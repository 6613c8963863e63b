// A Keras model's configuration and weights → ONNX bytes.
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { convertModel, newState } from './convert-model.ts'
import { takeLabels } from './end-labels.ts'
import { type ConvertSettings, unsupported } from './layer-call.ts'
import { bad, isObject, type LayerConfig, MODEL_KINDS, readModelConfig } from './model-config.ts'
import { inKerasOrder, type KerasShape, type Value } from './value.ts'
import type { LayerWeights } from './weights.ts'

const TYPES: Readonly<Record<string, TensorType>> = {
  float16: 'float32',
  bfloat16: 'float32',
  float32: 'float32',
  float64: 'float32',
  int8: 'int8',
  uint8: 'uint8',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
}
const ML = 'ai.onnx.ml'
const LARGEST_DIMENSION = 2 ** 31

/**
 * @param release called when the weights are all in the graph, before it is written
 * @throws DugaError model.unreadable, model.unsupported-layer
 */
export function buildGraph(
  layer: LayerConfig,
  weights: LayerWeights,
  settings: ConvertSettings,
  release: () => void = () => {},
): { readonly graph: Uint8Array; readonly labels: readonly string[] | null } {
  if (!MODEL_KINDS.has(layer.kind)) {
    throw unsupported(
      layer,
      'it is a class of its author; only Sequential and Functional models can be read',
    )
  }
  const { model, labels } = takeLabels(readModelConfig(layer), weights, settings)
  const graph = createGraph(model.name)
  const inputs = model.inputs.map((reference, at): Value => {
    const found = model.layers.find(({ name }) => name === reference.layer)
    if (found === undefined) throw bad(`its input "${reference.layer}" is not there`)
    const shape = readShape(found)
    const type = readType(found)
    const wish = toPortName(found.name, at)
    const free = (dim: number | null, axis: number): number | string =>
      dim ?? (axis === 0 ? 'N' : `${wish}_${axis}`)
    const name = graph.input(wish, type, shape.map(free))
    return { name, shape, type, channelsFirst: false, mask: null }
  })
  const outputs = convertModel(
    { graph, settings, state: newState(), depth: 0 },
    model,
    weights,
    inputs,
  )
  outputs.forEach((value, at) => {
    const { name, shape, type } = inKerasOrder(graph, value)
    const wish = model.outputNames[at] ?? model.outputs[at]!.layer
    const port = graph.name(toPortName(wish, at))
    const free = (dim: number | null, axis: number): number | string =>
      dim ?? (axis === 0 ? 'N' : `${port}_${axis}`)
    publish(graph, name, port, type, shape.map(free))
  })
  release()
  const ml = graph.toGraph().node.some(({ domain }) => domain === ML)
  return { graph: writeModel(graph.build(ml ? { domains: { [ML]: 2 } } : {})), labels }
}

function publish(
  graph: ReturnType<typeof createGraph>,
  value: string,
  port: string,
  type: TensorType,
  shape: readonly (number | string)[],
): void {
  graph.output(value, `${port}_output`, type, shape)
}

/** Names that tools can hold on to: letters, digits, `_`, `.` and `-`. */
function toPortName(name: string, at: number): string {
  const clean = name.replaceAll(/[^\w.-]/g, '_').slice(0, 100)
  return clean === '' ? `value_${at}` : clean
}

function readShape({ name, config }: LayerConfig): KerasShape {
  const value = config.batch_shape ?? config.batch_input_shape
  const good = (dim: unknown): boolean =>
    dim === null || (Number.isInteger(dim) && Number(dim) > 0 && Number(dim) < LARGEST_DIMENSION)
  if (Array.isArray(value) && value.length > 0 && value.every(good))
    return [null, ...value.slice(1)]
  throw bad(
    `the shape of its input "${name}" is not stored; build the model (model.build or model.predict) before saving it`,
  )
}

function readType(layer: LayerConfig): TensorType {
  const { name, config } = layer
  const { dtype = 'float32' } = config
  const text = isObject(dtype) && isObject(dtype.config) ? dtype.config.name : dtype
  const plain = typeof text === 'string' ? text.replace(/^mixed_/, '') : ''
  if (config.sparse === true || config.ragged === true) throw bad(`its input "${name}" is sparse`)
  if (plain === 'string') {
    const reason =
      'it takes text, and inputs are numbers here: look words up before, and save the model that is behind it'
    throw unsupported({ ...layer, kind: 'Input' }, reason)
  }
  if (Object.hasOwn(TYPES, plain)) return TYPES[plain]!
  throw bad(`its input "${name}" is of the type ${String(text)}`)
}
