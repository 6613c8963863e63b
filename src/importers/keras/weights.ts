// The weights of a Keras model as its layers ask for them. Keras 3 numbers them in a tree that follows the model's objects;
// older files (and TensorFlow.js) name each by a path.

import type { Tensor } from '../../tensor/tensor.ts'
import type { Hdf5Content } from '../hdf5/messages.ts'
import { bad, type LayerConfig } from './model-config.ts'

export interface LayerWeights {
  /**
   * The layer's own weights, by the names that Keras gives them, in the order in which Keras creates them.
   * @throws DugaError model.unreadable where one is missing
   */
  own(roles: readonly string[]): readonly Tensor[]
  /**
   * The weights of a part, such as the cell of an RNN.
   * @param attribute name of the attribute that holds it in Keras 3
   * @param path names by which older files may call it; none: they do not tell it from its owner
   */
  part(attribute: string, path?: readonly string[]): LayerWeights
  /** The tokens of a lookup, from the assets of a `.keras` file; null where there are none. */
  vocabulary(): readonly string[] | null
  /** The weights of the layers of a model, by the layers' names. */
  layers(layers: readonly LayerConfig[]): (name: string) => LayerWeights
}

/** Of `model.weights.h5` in a `.keras` file. */
export function numberedWeights(
  { tensors, attributes, texts }: Hdf5Content,
  path = '',
): LayerWeights {
  const at = (name: string): string => (path === '' ? name : `${path}/${name}`)
  const has = (name: string): boolean => attributes.has(at(name))
  const content = { tensors, attributes, texts }
  return {
    own: (roles) =>
      roles.map((role, index) => {
        const tensor = tensors.get(at(`vars/${index}`))
        if (tensor === undefined) throw bad(`the weight ${index} (${role}) of "${path}" is missing`)
        return tensor
      }),
    vocabulary: () => texts.get(at('vocabulary')) ?? null,
    part: (attribute) => {
      const found = [attribute, `_${attribute}`, attribute.replace(/^_/, '')].find(has)
      return numberedWeights(content, at(found ?? attribute))
    },
    layers: (layers) => {
      const container = ['layers', '_layer_checkpoint_dependencies'].find(has) ?? 'layers'
      const names = new Map<string, string>()
      const used = new Map<string, number>()
      for (const { kind, name, module } of layers) {
        // Operations of Keras 3 (x + 1) are no layers.
        if (/\bops\b/.test(module)) continue
        const snake = toSnakeCase(kind)
        const count = used.get(snake) ?? 0
        used.set(snake, count + 1)
        names.set(name, count === 0 ? snake : `${snake}_${count}`)
      }
      return (name) => numberedWeights(content, at(`${container}/${names.get(name) ?? name}`))
    },
  }
}

/** keras.src.utils.naming.to_snake_case */
function toSnakeCase(name: string): string {
  return name
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

export interface NamedWeight {
  /** Such as `block1/conv/kernel`. */
  readonly path: readonly string[]
  readonly tensor: Tensor
}

/** Of weights with names. `owner` is for messages. */
export function namedWeights(weights: readonly NamedWeight[], owner = 'the model'): LayerWeights {
  const within = (names: readonly string[]): readonly NamedWeight[] =>
    weights.filter(({ path }) => path.slice(0, -1).some((part) => names.includes(part)))
  return {
    own: (roles) => {
      const found = roles.map((role) => weights.filter(({ path }) => path.at(-1) === role))
      if (found.every(({ length }) => length === 1)) return found.map(([only]) => only!.tensor)
      // Names that say nothing (`Variable_1`): the order does.
      if (weights.length === roles.length) return weights.map(({ tensor }) => tensor)
      const missing = roles.filter((_, index) => found[index]!.length !== 1)
      const held = weights.map(({ path }) => path.join('/')).slice(0, 8)
      throw bad(
        `"${owner}" needs ${missing.join(', ')}, and has ${held.length === 0 ? 'no weights' : held.join(', ')}`,
      )
    },
    vocabulary: () => null,
    part: (attribute, path = []) => {
      if (path.length === 0) return namedWeights(weights, owner)
      const found = within(path)
      return namedWeights(found.length > 0 ? found : within([attribute]), `${owner}/${attribute}`)
    },
    layers: () => (name) => {
      const found = within([name])
      // A model inside of a model does not stand in the names.
      return namedWeights(found.length > 0 ? found : weights, name)
    },
  }
}

/** Of a whole-model `.h5`: a group a layer, whose attribute `weight_names` gives their order. */
export function layerGroupWeights({ tensors, attributes }: Hdf5Content): LayerWeights {
  const root = attributes.has('model_weights') ? 'model_weights' : ''
  const group = (name: string): LayerWeights => {
    const path = root === '' ? name : `${root}/${name}`
    const names = listOf(attributes.get(path) ?? {}, 'weight_names')
    const weights = names.map((full) => {
      const tensor = tensors.get(`${path}/${full}`)
      if (tensor === undefined) throw bad(`the weight "${full}" of "${name}" is missing`)
      return { path: full.replace(/:\d+$/, '').split('/'), tensor }
    })
    return namedWeights(weights, name)
  }
  const nothing = namedWeights([])
  return { ...nothing, layers: () => group }
}

/** An attribute that Keras splits into `name0`, `name1` … where it is long. */
function listOf(attributes: Readonly<Record<string, string | readonly string[]>>, name: string) {
  const list: string[] = []
  const add = (value: string | readonly string[]): void => {
    list.push(...(typeof value === 'string' ? [value] : value))
  }
  if (attributes[name] !== undefined) add(attributes[name])
  for (let index = 0; attributes[`${name}${index}`] !== undefined; index += 1) {
    add(attributes[`${name}${index}`]!)
  }
  return list
}
