// TensorFlow.js models: model.json and its shards. Layers models are Keras models with their weights by name; graph models
// are TensorFlow graphs, frozen.
import { readFile } from 'node:fs/promises'
import { DugaError } from '../../errors.ts'
import { parseUntrusted } from '../../json.ts'
import type { Imported, ReadModel } from '../importer.ts'
import { convertKeras, guard, readTop } from '../keras/import-keras.ts'
import { bad, isObject } from '../keras/model-config.ts'
import { namedWeights } from '../keras/weights.ts'
import { buildGraphModel } from './graph-model.ts'
import { readWeights } from './read-weights.ts'

const MOST_JSON_BYTES = 256 * 1024 * 1024

/** @throws DugaError model.unreadable, model.unsupported-layer, file.unreadable */
export const importTfjs: ReadModel = async (files, { custom = {}, others: shards }) => {
  const [file, ...others] = files
  if (file === undefined || others.length > 0) {
    throw bad(`${files.length} TensorFlow.js models are given; import them one by one`)
  }
  if (file.bytes > MOST_JSON_BYTES) throw bad(`${file.name} is larger than 256 MiB`)
  const model = parse(await readFile(file.path, 'utf8'), file.name)
  if (!isObject(model)) throw bad(`${file.name} is no object`)
  const { modelTopology: topology, weightsManifest } = model
  const tensors = await readWeights(file.path, weightsManifest, shards)
  if (!isObject(topology)) throw bad('it has no modelTopology')
  if (Array.isArray(topology.node)) {
    return guard(() => importGraph(topology, model.signature ?? model.userDefinedMetadata, tensors))
  }
  // Written by tensorflowjs_converter, or by TensorFlow.js itself.
  const config = topology.model_config ?? topology
  const weights = Array.from(tensors, ([name, tensor]) => ({ path: name.split('/'), tensor }))
  const version = String(topology.keras_version ?? '2')
  const imported = convertKeras(
    {
      layer: guard(() => readTop(config)),
      weights: namedWeights(weights),
      version: version.startsWith('tfjs') ? '2' : version,
      content: { tensors: new Map(tensors), attributes: new Map(), texts: new Map() },
    },
    custom,
  )
  return { ...imported, origin: { ...imported.origin, tfjs: 'layers-model' } }
}

function importGraph(
  topology: Parameters<typeof buildGraphModel>[0],
  signature: unknown,
  tensors: Parameters<typeof buildGraphModel>[2],
): Imported {
  const { graph, layers } = buildGraphModel(topology, signature, tensors)
  const floats = Array.from(tensors.values()).filter(({ type }) => type === 'float32')
  return {
    graph,
    labels: null,
    files: {},
    decode: {},
    answer: {},
    origin: { tfjs: 'graph-model' },
    layers,
    parameters: floats.reduce((all, { data }) => all + data.length, 0),
    notices: [],
  }
}

function parse(text: string, name: string): unknown {
  try {
    return parseUntrusted(text)
  } catch (cause) {
    throw new DugaError('model.unreadable', { reason: `${name} is not JSON` }, { cause })
  }
}
