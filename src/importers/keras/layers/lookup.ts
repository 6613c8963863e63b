// IntegerLookup as a layer at the beginning or inside of a model. Texts are no tensors here, so StringLookup is refused
// anywhere but at the end (end-labels.ts).
import { DATA_TYPE } from '../../../onnx/proto.ts'
import {
  type Emit,
  hasFlag,
  integers,
  type LayerCall,
  numberOf,
  plain,
  plainInput,
  textOf,
  unsupported,
} from '../layer-call.ts'
import type { Value } from '../value.ts'
import { isInverse, readVocabulary, type Vocabulary } from '../vocabulary.ts'

/** What a value that is not looked up yet becomes; no index of Keras. */
const NOT_FOUND = -1

const stringLookup: Emit = ({ layer }) => {
  throw unsupported(
    layer,
    isInverse(layer)
      ? 'it makes text before the end of the model; only a last layer may'
      : 'it takes text, and inputs are numbers here: look words up before, and save the model that is behind it',
  )
}

const integerLookup: Emit = (call) => {
  const { layer } = call
  if (isInverse(layer))
    throw unsupported(layer, 'it turns indices back before the end of the model')
  const mode = textOf(layer, 'output_mode', 'int')
  const vocabulary = readVocabulary(layer, call.weights)
  if (vocabulary.tokens.length === 0) throw unsupported(layer, 'its vocabulary is empty')
  const x = plainInput(call)
  const whole = call.graph.node('Cast', [x.name], { to: DATA_TYPE.int64 })
  if (mode === 'int') {
    return { ...plain(x, indices(call, vocabulary, whole, false), x.shape), type: 'int64' }
  }
  if (!['one_hot', 'multi_hot', 'count'].includes(mode)) {
    throw unsupported(layer, `its "output_mode" is ${mode}`)
  }
  return encode(call, vocabulary, x, whole, mode)
}

/** @param encoded the mask has no index of its own, and is dropped */
function indices(
  { graph, layer }: LayerCall,
  { tokens, mask, unknowns }: Vocabulary,
  whole: string,
  encoded: boolean,
): string {
  const first = mask === null || encoded ? 0 : 1
  const keys = [...(mask === null ? [] : [mask]), ...tokens]
  const dropped = unknowns + tokens.length
  const values = [
    ...(mask === null ? [] : [encoded ? dropped : 0]),
    ...tokens.map((_, index) => first + unknowns + index),
  ]
  if (unknowns === 0 && encoded) return mapTo(graph, whole, keys, values, dropped)
  if (unknowns === 0) {
    throw unsupported(layer, 'it has no index for unknown numbers (num_oov_indices=0)')
  }
  if (unknowns === 1) return mapTo(graph, whole, keys, values, first)
  const found = mapTo(graph, whole, keys, values, NOT_FOUND)
  // Unknown numbers are spread by their remainder, which is not negative.
  const rest = graph.node('Mod', [whole, integers(graph, [unknowns])])
  const spread = graph.node('Add', [rest, integers(graph, [first])])
  const missing = graph.node('Equal', [found, integers(graph, [NOT_FOUND])])
  return graph.node('Where', [missing, spread, found])
}

function mapTo(
  graph: LayerCall['graph'],
  whole: string,
  keys: readonly (string | number)[],
  values: readonly number[],
  otherwise: number,
): string {
  const attributes = {
    keys_int64s: keys.map(Number),
    values_int64s: values,
    default_int64: otherwise,
  }
  return graph.node('LabelEncoder', [whole], attributes, { domain: 'ai.onnx.ml' })
}

function encode(
  call: LayerCall,
  vocabulary: Vocabulary,
  x: Value,
  whole: string,
  mode: string,
): Value {
  const { graph, layer } = call
  const known = vocabulary.unknowns + vocabulary.tokens.length
  const padded = hasFlag(layer.config, 'pad_to_max_tokens', false)
  const depth = padded ? numberOf(layer, 'max_tokens', known) : known
  const places = graph.node('OneHot', [
    indices(call, vocabulary, whole, true),
    integers(graph, [depth]),
    graph.initializer('off-on', { type: 'float32', dims: [2], data: Float32Array.of(0, 1) }),
  ])
  const { shape } = x
  const wide = { ...plain(x, places, [...shape, depth]), type: 'float32' as const }
  if (mode === 'one_hot' && shape.at(-1) !== 1) return wide
  if (mode !== 'one_hot' && shape.length === 1) return wide
  const axis = integers(graph, [shape.length - 1])
  const name =
    mode === 'one_hot'
      ? graph.node('Squeeze', [places, axis])
      : mode === 'count'
        ? graph.node('ReduceSum', [places, axis], { keepdims: 0 })
        : graph.node('ReduceMax', [places], { axes: [shape.length - 1], keepdims: 0 })
  return { ...wide, name, shape: [...shape.slice(0, -1), depth] }
}

export const LOOKUP_LAYERS: Readonly<Record<string, Emit>> = {
  StringLookup: stringLookup,
  IntegerLookup: integerLookup,
}
