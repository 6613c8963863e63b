// Walks a Keras model from its outputs to its inputs and builds the graph. Nothing is simplified afterwards: a layer is
// asked to take the normalisation behind it into its weights, and values keep the order of axes that layers like.
import type { GraphBuilder } from '../../onnx/graph.ts'
import {
  type ConvertSettings,
  isValue,
  type LayerCall,
  type Norm,
  unsupported,
  valuesOf,
} from './layer-call.ts'
import { batchNorm } from './layers/normalise.ts'
import { operationOf } from './layers/operations.ts'
import { FOLDING_KINDS, LAYERS } from './layers/table.ts'
import {
  bad,
  type Call,
  isObject,
  type LayerConfig,
  MODEL_KINDS,
  type ModelConfig,
  Reference,
  readModelConfig,
} from './model-config.ts'
import type { Value } from './value.ts'
import type { LayerWeights } from './weights.ts'

/** What stays the same for each call of one layer. */
export interface LayerState {
  readonly constants: Map<string, string>
  /** Layers inside, by the key that their owner gives them. */
  readonly inner: Map<string, LayerState>
}

export const newState = (): LayerState => ({
  constants: new Map(),
  inner: new Map(),
})

const DEEPEST = 30

interface Walk {
  readonly graph: GraphBuilder
  readonly settings: ConvertSettings
  readonly state: LayerState
  readonly depth: number
}

/** The outputs of a model that is called with `inputs`, which are its input layers' values. */
export function convertModel(
  walk: Walk,
  model: ModelConfig,
  weights: LayerWeights,
  inputs: readonly Value[],
): Value[] {
  if (walk.depth > DEEPEST) throw bad('its models are nested too deep')
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]))
  if (layers.size !== model.layers.length) throw bad('two of its layers have one name')
  const weightsOf = weights.layers(model.layers)
  const known = new Map<string, readonly Value[] | 'open'>()
  const uses = countUses(model)
  const offsets = findOffsets(model)
  if (model.inputs.length !== inputs.length) {
    throw bad(`"${model.name}" takes ${model.inputs.length} inputs, and is given ${inputs.length}`)
  }
  model.inputs.forEach(({ layer, call }, index) => {
    known.set(`${layer}/${call}`, [inputs[index]!])
  })

  const resolve = (reference: Reference): Value => {
    const { layer: name, call, output } = reference
    const value = callOutputs(name, call)[output]
    if (value === undefined) throw bad(`"${name}" has no output ${output}`)
    return value
  }
  const callOutputs = (name: string, index: number, norm: Norm | null = null): readonly Value[] => {
    const key = `${name}/${index}`
    const found = known.get(key)
    if (found === 'open') throw bad(`"${name}" depends on itself`)
    if (found !== undefined) return found
    const layer = layers.get(name)
    const call = layer?.calls[index - (offsets.get(name) ?? 0)]
    if (layer === undefined || call === undefined) throw bad(`"${name}" is not called so often`)
    known.set(key, 'open')
    const values = foldInto(layer, call) ?? emit(layer, call, norm)
    known.set(key, values)
    return values
  }
  const emit = (layer: LayerConfig, call: Call, norm: Norm | null): readonly Value[] =>
    applyLayer(walk, layer, weightsOf(layer.name), {
      args: call.args.map((argument) => mapReferences(argument, resolve)),
      kwargs: mapReferences(call.kwargs, resolve) as Readonly<Record<string, unknown>>,
      norm,
    })
  /** A normalisation whose input comes from a layer that takes it in, and from nowhere else. */
  const foldInto = (layer: LayerConfig, call: Call): readonly Value[] | null => {
    const [source] = call.args
    if (layer.kind !== 'BatchNormalization' || !(source instanceof Reference)) return null
    const before = layers.get(source.layer)
    if (before === undefined || before.calls.length !== 1 || !isFolding(before)) return null
    if (uses.get(before.name) !== 1 || known.has(`${source.layer}/${source.call}`)) return null
    const norm = batchNorm(layer, weightsOf(layer.name))
    if (!foldsAxis(before, layer)) return null
    return callOutputs(source.layer, source.call, norm)
  }
  return model.outputs.map(resolve)
}

/** Keras 2 counts the making of a nested model as its first call: layer → what its numbers begin with. */
function findOffsets(model: ModelConfig): Map<string, number> {
  const most = new Map<string, number>()
  visitReferences(model, ({ layer, call }) => {
    most.set(layer, Math.max(call, most.get(layer) ?? 0))
  })
  return new Map(
    model.layers.map(({ name, calls }) => [
      name,
      Math.max(0, (most.get(name) ?? 0) + 1 - calls.length),
    ]),
  )
}

function visitReferences(
  { layers, outputs }: ModelConfig,
  visit: (reference: Reference) => void,
): void {
  for (const { calls } of layers) {
    for (const { args, kwargs } of calls) mapReferences([args, kwargs], visit)
  }
  outputs.forEach(visit)
}

function isFolding({ kind, config }: LayerConfig): boolean {
  const { activation } = config
  const linear = activation === undefined || activation === null || activation === 'linear'
  return FOLDING_KINDS.has(kind) && linear
}

/** The layer's channels are what the normalisation normalises. */
function foldsAxis(before: LayerConfig, { config }: LayerConfig): boolean {
  const axis = Array.isArray(config.axis) ? config.axis[0] : (config.axis ?? -1)
  if (before.kind === 'Dense') return axis === -1
  const rank = /1D/.test(before.kind) ? 3 : /3D/.test(before.kind) ? 5 : 4
  const channels = before.config.data_format === 'channels_first' ? 1 : rank - 1
  return axis === channels || axis === channels - rank
}

function countUses(model: ModelConfig): Map<string, number> {
  const uses = new Map<string, number>()
  visitReferences(model, ({ layer }) => {
    uses.set(layer, (uses.get(layer) ?? 0) + 1)
  })
  return uses
}

function mapReferences(value: unknown, map: (reference: Reference) => unknown): unknown {
  if (value instanceof Reference) return map(value)
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, map))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapReferences(item, map)]),
  )
}

interface AppliedCall {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly norm: Norm | null
}

/** Builds one layer, or the model that it is. */
export function applyLayer(
  walk: Walk,
  layer: LayerConfig,
  weights: LayerWeights,
  { args, kwargs, norm }: AppliedCall,
): readonly Value[] {
  const { graph, settings, depth } = walk
  const state = within(walk.state, layer.name)
  // Keras 2 passes further tensors by name.
  const [first = Object.values(kwargs).find(isValue)] = args
  const given = valuesOf(first)
  // Keras 3 passes masks on by name; what they are made of stands in the graph too.
  const [lead, ...others] = given
  const inputs = lead && isValue(kwargs.mask) ? [{ ...lead, mask: kwargs.mask }, ...others] : given
  if (MODEL_KINDS.has(layer.kind)) {
    const model = readModelConfig(layer)
    return convertModel({ graph, settings, state, depth: depth + 1 }, model, weights, inputs)
  }
  const call: LayerCall = {
    ...{ graph, layer, inputs, args, kwargs, weights, norm, settings },
    constant: (name, make) => {
      const known = state.constants.get(name) ?? graph.initializer(`${layer.name}/${name}`, make())
      state.constants.set(name, known)
      return known
    },
    inner: (key, inside, ownWeights, values) => [
      ...applyLayer(
        { graph, settings, state: within(state, key), depth: depth + 1 },
        inside,
        ownWeights,
        { args: [values.length === 1 ? values[0] : values], kwargs: {}, norm: null },
      ),
    ],
  }
  if (depth > DEEPEST) throw bad('its layers are nested too deep')
  const kind = settings.custom[layer.kind] ?? layer.kind
  const emit = operationOf(layer) ?? (Object.hasOwn(LAYERS, kind) ? LAYERS[kind] : undefined)
  if (emit === undefined) throw unsupported(layer, reasonFor(layer))
  const result = emit({ ...call, layer: { ...layer, kind } })
  return Array.isArray(result) ? (result as readonly Value[]) : [result as Value]
}

function within(state: LayerState, name: string): LayerState {
  const inner = state.inner.get(name) ?? newState()
  state.inner.set(name, inner)
  return inner
}

function reasonFor({ kind }: LayerConfig): string {
  if (kind === 'Lambda') return 'it holds Python code, which is never executed'
  return 'it is not one of the layers that are known here; perhaps it is a custom one'
}
