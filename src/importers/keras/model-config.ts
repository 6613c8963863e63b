// The configuration of a Keras model, of Keras 2 and 3 alike: layers, and which is called with what.
import { DugaError } from '../../errors.ts'

export type Config = Readonly<Record<string, unknown>>

export interface LayerConfig {
  /** Such as `Conv2D`; `TFOpLambda` and Keras 3 operations go by their own names. */
  readonly kind: string
  readonly name: string
  readonly config: Config
  /** Where the class is defined: `keras.layers`, `keras.src.ops.numpy` … */
  readonly module: string
  readonly calls: readonly Call[]
}

/** One call of a layer. Arguments are values, references, or lists and objects of either. */
export interface Call {
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
}

/** The output of a call of a layer. */
export class Reference {
  readonly layer: string
  readonly call: number
  readonly output: number
  constructor(layer: string, call: number, output: number) {
    this.layer = layer
    this.call = call
    this.output = output
  }
}

export interface ModelConfig {
  readonly name: string
  readonly sequential: boolean
  readonly layers: readonly LayerConfig[]
  readonly inputs: readonly Reference[]
  readonly outputs: readonly Reference[]
  /** Of the outputs, where the model names them. */
  readonly outputNames: readonly (string | null)[]
}

export const MODEL_KINDS: ReadonlySet<string> = new Set(['Functional', 'Model', 'Sequential'])

export function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws DugaError model.unreadable */
export function bad(reason: string): DugaError {
  return new DugaError('model.unreadable', { reason })
}

/** `{"class_name","config"}` → the layer; nested models are read when they are called. */
export function readLayer(value: unknown): LayerConfig {
  if (!isObject(value) || typeof value.class_name !== 'string' || !isObject(value.config)) {
    throw bad('a layer of its configuration has no class_name and config')
  }
  const { class_name: kind, config } = value
  const name = typeof value.name === 'string' ? value.name : config.name
  if (typeof name !== 'string') throw bad(`a layer ${kind} has no name`)
  const nodes = Array.isArray(value.inbound_nodes) ? value.inbound_nodes : []
  const module = typeof value.module === 'string' ? value.module : ''
  return { kind: toPlainKind(kind), name, config, module, calls: nodes.map(readCall) }
}

/** `keras.layers>Dense` and `Custom>Name` → the last part. */
function toPlainKind(kind: string): string {
  return kind.slice(kind.lastIndexOf('>') + 1)
}

/** @throws DugaError model.unreadable */
export function readModelConfig({ kind, name, config }: LayerConfig): ModelConfig {
  // Keras before 2.2 wrote the layers of a Sequential as a bare list.
  const list = Array.isArray(config) ? config : config.layers
  if (!Array.isArray(list)) throw bad(`the model "${name}" has no layers`)
  const layers = list.map(readLayer)
  if (kind === 'Sequential') return chain(name, layers)
  const outputs = nestedReferences(config.output_layers)
  return {
    name,
    sequential: false,
    layers,
    inputs: nestedReferences(config.input_layers),
    outputs,
    outputNames: isObject(config.output_layers)
      ? Object.keys(config.output_layers)
      : outputs.map(() => null),
  }
}

/** A Sequential as a graph: each layer is called with the one before it. */
function chain(name: string, layers: readonly LayerConfig[]): ModelConfig {
  const [first, ...rest] = layers
  if (first === undefined) throw bad(`the model "${name}" has no layers`)
  const starts = first.kind === 'InputLayer'
  const input = starts ? first : inputBefore(first, name)
  const called = (starts ? rest : layers).map((layer, index, all) => ({
    ...layer,
    calls: [
      { args: [new Reference(index === 0 ? input.name : all[index - 1]!.name, 0, 0)], kwargs: {} },
    ],
  }))
  const last = called.at(-1) ?? input
  return {
    name,
    sequential: true,
    layers: [{ ...input, calls: [] }, ...called],
    inputs: [new Reference(input.name, 0, 0)],
    outputs: [new Reference(last.name, 0, 0)],
    outputNames: [null],
  }
}

/** The input of a Sequential without an input layer: its first layer says its shape. */
function inputBefore(first: LayerConfig, model: string): LayerConfig {
  let inner = first.config
  // A wrapper or a nested model is described by what is inside.
  while (inner.batch_input_shape === undefined && inner.batch_shape === undefined) {
    const next: unknown = inner.layer ?? (Array.isArray(inner.layers) ? inner.layers[0] : undefined)
    if (!isObject(next) || !isObject(next.config)) break
    inner = next.config
  }
  const batch_shape = inner.batch_input_shape ?? inner.batch_shape
  const { dtype } = inner
  const config = { batch_shape, dtype: typeof dtype === 'string' ? dtype : 'float32' }
  return { kind: 'InputLayer', name: `${model}_input`, config, module: '', calls: [] }
}

/** `["a",0,0]`, `[["a",0,0],…]` or `{"name":["a",0,0]}`. */
function nestedReferences(value: unknown): readonly Reference[] {
  const list = isObject(value) ? Object.values(value) : value
  if (!Array.isArray(list)) throw bad('its inputs or outputs are not named')
  if (typeof list[0] === 'string') return [toReference(list)]
  return list.map((item) => {
    if (!Array.isArray(item)) throw bad('its inputs or outputs are not named')
    return typeof item[0] === 'string' ? toReference(item) : toReference(item[0])
  })
}

function toReference(value: unknown): Reference {
  const [layer, call, output] = Array.isArray(value) ? value : []
  if (typeof layer === 'string' && Number.isInteger(call) && Number.isInteger(output)) {
    return new Reference(layer, call, output)
  }
  throw bad('a reference to a layer is malformed')
}

function readCall(node: unknown): Call {
  // Keras 3: {"args":[…],"kwargs":{…}}.
  if (isObject(node)) {
    const { args, kwargs } = node
    return {
      args: Array.isArray(args) ? args.map(findReferences) : [],
      kwargs: isObject(kwargs) ? mapValues(kwargs, findReferences) : {},
    }
  }
  if (!Array.isArray(node)) throw bad('a call of a layer is malformed')
  // Keras 2: [[layer, call, output, {kwargs}], …]; a single one may stand bare.
  const items = typeof node[0] === 'string' ? [node] : node
  const tensors = items.map(readKeras2Argument)
  const first: unknown = Array.isArray(items[0]) ? items[0][3] : undefined
  const kwargs = isObject(first) ? mapValues(first, findKeras2References) : {}
  return { args: [tensors.length === 1 ? tensors[0] : tensors], kwargs }
}

function readKeras2Argument(item: unknown): unknown {
  if (Array.isArray(item) && item[0] === '_CONSTANT_VALUE') return item[2]
  return toReference(item)
}

function findReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(findReferences)
  if (!isObject(value)) return value
  if (value.class_name !== '__keras_tensor__') return mapValues(value, findReferences)
  return toReference(isObject(value.config) ? value.config.keras_history : null)
}

function findKeras2References(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [layer, call, output] = value
  const named = typeof layer === 'string' && Number.isInteger(call) && Number.isInteger(output)
  return named ? toReference(value) : value.map(findKeras2References)
}

function mapValues<To>(object: Config, map: (value: unknown) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
