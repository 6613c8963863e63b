// A model that ends in words: its last layer looks up the name of the likeliest class. The names become the version's
// labels, and the model ends where the scores are.
import { type ConvertSettings, unsupported } from './layer-call.ts'
import { type LayerConfig, type ModelConfig, Reference } from './model-config.ts'
import { isInverse, LOOKUPS, namesOf, readVocabulary } from './vocabulary.ts'
import type { LayerWeights } from './weights.ts'

export interface EndLabels {
  readonly model: ModelConfig
  readonly labels: readonly string[] | null
}

/** @throws DugaError model.unsupported-layer where several outputs look up different names */
export function takeLabels(
  model: ModelConfig,
  weights: LayerWeights,
  settings: ConvertSettings,
): EndLabels {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]))
  const weightsOf = weights.layers(model.layers)
  let labels: readonly string[] | null = null
  const outputs = model.outputs.map((output) => {
    const layer = layers.get(output.layer)
    if (layer === undefined || !LOOKUPS.has(layer.kind) || !isInverse(layer)) return output
    const names = namesOf(readVocabulary(layer, weightsOf(layer.name)))
    if (labels !== null && JSON.stringify(labels) !== JSON.stringify(names)) {
      throw unsupported(layer, 'another output looks up other names')
    }
    labels = names
    const index = inputOf(layer)
    const scores = behindArgmax(layers.get(index.layer))
    settings.notices.add(
      `The names of "${layer.name}" are the class names; the model answers with ${scores === null ? 'their index' : 'the scores'}.`,
    )
    return scores ?? index
  })
  return { model: { ...model, outputs }, labels }
}

function inputOf(layer: LayerConfig): Reference {
  const source = layer.calls.length === 1 ? layer.calls[0]!.args[0] : undefined
  if (source instanceof Reference) return source
  throw unsupported(layer, 'it does not look up one value')
}

/** What an argmax over the last axis, without keeping it, is of; null for any other layer. */
function behindArgmax(layer: LayerConfig | undefined): Reference | null {
  if (layer?.calls.length !== 1) return null
  const { kind, config } = layer
  const named = kind === 'Argmax' || config.function === 'math.argmax'
  const { args, kwargs } = layer.calls[0]!
  const axis = config.axis ?? kwargs.axis ?? args[1]
  const keeps = (config.keepdims ?? kwargs.keepdims) === true
  const [source] = args
  const last = axis === -1 || axis === 1
  return named && last && !keeps && source instanceof Reference ? source : null
}
