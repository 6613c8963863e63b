// Keras models in files: `.keras` (a zip with config.json and model.weights.h5) and whole-model HDF5 of Keras 2 and 3.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DugaError } from '../../errors.ts'
import { parseUntrusted } from '../../json.ts'
import type { Hdf5Content } from '../hdf5/messages.ts'
import { readHdf5 } from '../hdf5/read-hdf5.ts'
import type { Imported, ImportedLayer, ReadModel, SourceFile } from '../importer.ts'
import { locateEntry, openZip, readEntry, type ZipFile } from '../zip-file.ts'
import { buildGraph } from './build-graph.ts'
import type { ConvertSettings } from './layer-call.ts'
import { bad, isObject, type LayerConfig, MODEL_KINDS, readLayer } from './model-config.ts'
import { type LayerWeights, layerGroupWeights, numberedWeights } from './weights.ts'

const MOST_CONFIG_BYTES = 64 * 1024 * 1024
/** The state of the optimiser is twice the size of the weights, and not needed. */
const OPTIMISER = ['optimizer', 'optimizer_weights', '_optimizer']
const VOCABULARY = /^assets\/(.+\/vocabulary)\.txt$/
const WEIGHTS = 'model.weights.h5'

interface KerasModel {
  readonly layer: LayerConfig
  readonly weights: LayerWeights
  readonly version: string
  readonly content: Hdf5Content
}

/** @throws DugaError model.unreadable, model.unsupported-layer */
export const importKeras: ReadModel = async (files, { custom = {} }) => {
  const [file, ...others] = files
  if (file === undefined || others.length > 0) {
    throw bad(`${files.length} Keras models are given; import them one by one`)
  }
  const model = isZip(file) ? await readArchive(file) : await readWhole(file)
  return convertKeras(model, custom)
}

/** For models whose weights come from elsewhere too (TensorFlow.js). */
export function convertKeras(
  { layer, weights, version, content }: KerasModel,
  custom: Readonly<Record<string, string>>,
): Imported {
  const settings: ConvertSettings = {
    kerasMajor: Number.parseInt(version, 10) >= 3 ? 3 : 2,
    custom,
    notices: new Set(),
  }
  const parameters = Array.from(content.tensors.values(), ({ data }) => data.length)
  // The weights as they were read are not needed beside those of the graph.
  const release = (): void => content.tensors.clear()
  const { graph, labels } = guard(() => buildGraph(layer, weights, settings, release))
  return {
    graph,
    labels,
    files: {},
    decode: {},
    answer: {},
    origin: { keras_version: version, model: layer.name },
    layers: guard(() => listLayers(layer)),
    parameters: parameters.reduce((all, count) => all + count, 0),
    notices: [...settings.notices],
  }
}

/** What a nested or malformed configuration does to code that trusts it is the file's fault. */
export function guard<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof DugaError) throw cause
    if (cause instanceof TypeError || cause instanceof RangeError) {
      const reason = `its configuration is malformed (${cause.message})`
      throw new DugaError('model.unreadable', { reason }, { cause })
    }
    throw cause
  }
}

/** All layers, those of nested models under `model/layer`. */
function listLayers(layer: LayerConfig, prefix = ''): ImportedLayer[] {
  const list: unknown = Array.isArray(layer.config) ? layer.config : layer.config.layers
  if (!Array.isArray(list)) return []
  return list.map(readLayer).flatMap((inner) => {
    const name = `${prefix}${inner.name}`
    const itself = { name, kind: inner.kind }
    return MODEL_KINDS.has(inner.kind) ? [itself, ...listLayers(inner, `${name}/`)] : [itself]
  })
}

function isZip({ head }: SourceFile): boolean {
  return head[0] === 0x50 && head[1] === 0x4b
}

async function readArchive({ path }: SourceFile): Promise<KerasModel> {
  const archive = await openZip(path)
  const config = await readJson(archive, 'config.json')
  const metadata = await readJson(archive, 'metadata.json')
  const version = isObject(metadata) ? String(metadata.keras_version ?? '') : ''
  const content = { ...(await readWeights(archive)), texts: await readVocabularies(archive) }
  return { layer: readTop(config), weights: numberedWeights(content), version, content }
}

async function readJson(archive: ZipFile<string>, name: string): Promise<unknown> {
  const entry = archive.entries.get(name)
  if (entry === undefined) throw bad(`the archive holds no ${name}`)
  const bytes = await readEntry(archive, entry, MOST_CONFIG_BYTES)
  return parse(Buffer.from(bytes).toString('utf8'), name)
}

function parse(text: string, name: string): unknown {
  try {
    return parseUntrusted(text)
  } catch (cause) {
    throw new DugaError('model.unreadable', { reason: `${name} is not JSON` }, { cause })
  }
}

/** `assets/<layer>/vocabulary.txt` → its lines, by `<layer>/vocabulary`. */
async function readVocabularies(
  archive: ZipFile<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const texts = new Map<string, readonly string[]>()
  for (const [name, entry] of archive.entries) {
    const path = VOCABULARY.exec(name)?.[1]
    if (path === undefined) continue
    const bytes = await readEntry(archive, entry, MOST_CONFIG_BYTES)
    texts.set(path, Buffer.from(bytes).toString('utf8').split('\n'))
  }
  return texts
}

async function readWeights(archive: ZipFile<string>): Promise<Hdf5Content> {
  const entry = archive.entries.get(WEIGHTS)
  if (entry === undefined) throw bad(`the archive holds no ${WEIGHTS}`)
  const place = await locateEntry(archive, entry)
  if (place !== null) return await readHdf5({ path: archive.source, ...place }, OPTIMISER)
  const bytes = await readEntry(archive, entry)
  const folder = await mkdtemp(join(tmpdir(), 'duga-import-'))
  try {
    const path = join(folder, WEIGHTS)
    await writeFile(path, bytes)
    return await readHdf5({ path, length: bytes.length }, OPTIMISER)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readWhole({ path, bytes }: SourceFile): Promise<KerasModel> {
  const content = await readHdf5({ path, length: bytes }, OPTIMISER)
  const root = content.attributes.get('') ?? {}
  const { model_config: config } = root
  if (typeof config !== 'string') {
    throw bad(
      content.tensors.size > 0
        ? 'it holds weights alone; save the whole model (model.save)'
        : 'it holds no Keras model',
    )
  }
  const version = String(
    root.keras_version ?? content.attributes.get('model_weights')?.keras_version ?? '2',
  )
  const layer = readTop(parse(config, 'its model_config'))
  return { layer, weights: layerGroupWeights(content), version, content }
}

/** The model itself, which need not have a name. */
export function readTop(config: unknown): LayerConfig {
  return readLayer(isObject(config) ? { name: 'model', ...config } : config)
}
