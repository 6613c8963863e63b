// `POST /manage/services/{service}/versions`: a model that was trained elsewhere becomes a version, as `duga import` makes it.
import type { FastifyInstance } from 'fastify'
import { splitPair, toSetting } from '../../../commands/import-pairs.ts'
import type { ImportVersion } from '../../../commands/import-version.ts'
import { DugaError } from '../../../errors.ts'
import { parseLabels } from '../../../importers/labels.ts'
import type { AppParts } from '../../app-parts.ts'
import { clientSignal } from '../../client-signal.ts'
import { multipartSchema } from '../../plugins/openapi.ts'
import { type ReceivedFiles, receiveFiles } from '../../receive-files.ts'
import type { ServiceModule } from '../../service-module.ts'
import { findModule } from './find-module.ts'

/** A `.keras` with the state of its optimiser has three times the weights. */
const MOST_BYTES = 2 * 1024 ** 3
/** TensorFlow.js cuts weights into shards of 4 MB. */
const MOST_FILES = 256

const text = (description: string) => ({ type: 'string', description })
const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description })
const file = (description: string) => ({ type: 'string', format: 'binary', description })

const body = multipartSchema(
  'file',
  'A file of the model. Every other file, under any field name, is one more of the same model.',
  {
    labels: text('Class names: a JSON array, `{"0":"Chihuahua"}` or `{"Chihuahua":0}`; or a file.'),
    set: texts('`key=value`: what the manifest must say and the files do not. Repeatable.'),
    custom: texts('`name=builtin`: what stands for a custom layer or activation. Repeatable.'),
    check_input: file('.npy: an input, for comparison with the output that the original gave.'),
    check_output: file('.npy: that output.'),
    promote: { type: 'string', enum: ['true', 'false'], default: 'false' },
  },
)

const port = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    type: { type: 'string' },
    shape: { type: 'array', items: { type: ['integer', 'null'] } },
  },
}

const importedSchema = {
  description: 'The new version, and how its files were understood.',
  type: 'object',
  properties: {
    version: { type: 'string' },
    active: { type: 'boolean' },
    format: text('Such as `keras`.'),
    sources: texts('Names of the files.'),
    layers: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, kind: { type: 'string' } },
      },
    },
    parameters: { type: 'integer', description: 'Numbers that were learnt.' },
    inputs: { type: 'array', items: port },
    outputs: { type: 'array', items: port },
    operators: { type: 'object', additionalProperties: { type: 'integer' } },
    milliseconds: { type: 'number', description: 'Of one row.' },
    warnings: texts('A sentence for each guess.'),
    difference: {
      type: ['number', 'null'],
      description: 'Largest difference from the expected output, where one was sent.',
    },
  },
}

export function importRoute(
  app: FastifyInstance,
  { registry, folders, importModel }: AppParts,
  modules: readonly ServiceModule[],
): void {
  app.post(
    '/services/:service/versions',
    {
      schema: {
        summary: 'Imports a Keras, TensorFlow.js, scikit-learn or ONNX model as a version',
        ...body,
        response: { 201: importedSchema },
      },
    },
    async (request, reply) => {
      const { name: service } = findModule(modules, request).definition
      const limits = { maxBytes: MOST_BYTES, maxFiles: MOST_FILES }
      const received = await receiveFiles(request, folders.temporary, limits)
      const { files, options, promote } = toImport(received)
      const imported = await importModel({ service, files, options }, clientSignal(reply))
      if (promote) await registry.promote(service, imported.version)
      const address = `/manage/services/${service}/versions/${imported.version}`
      return reply
        .code(201)
        .header('location', address)
        .send({ ...imported, active: promote })
    },
  )
}

/** @throws DugaError input.invalid, labels.invalid */
function toImport({ files, fields }: ReceivedFiles) {
  const pathOf = (field: string) => files.find((one) => one.field === field)?.path
  const [labels, input, output] = ['labels', 'check_input', 'check_output'].map(pathOf)
  const model = files.filter(({ path }) => ![labels, input, output].includes(path))
  if (model.length === 0) throw invalid('it holds no file of a model')
  if ((input === undefined) !== (output === undefined)) {
    throw invalid('check_input and check_output go together')
  }
  const names = fields.get('labels')?.[0]
  const settings = pairsOf(fields, 'set').map(({ key, value }) => [key, toSetting(value)] as const)
  const custom = pairsOf(fields, 'custom').map(({ key, value }) => [key, value] as const)
  const options: ImportVersion = {
    settings: Object.fromEntries(settings),
    custom: Object.fromEntries(custom),
    ...(labels !== undefined && { labels }),
    ...(names !== undefined && { names: parseLabels(names) }),
    ...(input !== undefined && output !== undefined && { check: { input, output } }),
  }
  const promote = fields.get('promote')?.[0] ?? 'false'
  if (promote !== 'true' && promote !== 'false') throw invalid('promote is neither true nor false')
  return {
    options,
    promote: promote === 'true',
    files: model.map(({ path, name }) => ({ path, name })),
  }
}

function pairsOf(fields: ReceivedFiles['fields'], field: string) {
  return (fields.get(field) ?? []).map((text) => {
    const pair = splitPair(text)
    if (pair === null) throw invalid(`${field} wants key=value, not "${text.slice(0, 80)}"`)
    return pair
  })
}

const invalid = (reason: string): DugaError => new DugaError('input.invalid', { reason })
