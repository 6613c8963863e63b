// A user's ONNX model: checked, and handed on as it is. Its class names are taken from its metadata where exporters put them.
import { stat } from 'node:fs/promises'
import { DugaError } from '../../errors.ts'
import { readModel, writeModel } from '../../onnx/model.ts'
import type { GraphProto, ModelProto } from '../../onnx/proto.ts'
import { readWhole } from '../import-files.ts'
import type { ReadModel } from '../importer.ts'
import { parseLabels } from '../labels.ts'
import { keepPaddings } from './keep-padding.ts'

/** What protobuf itself can hold. */
const MOST_BYTES = 2 ** 31 - 1
/** The newest operator set that the runtime knows. */
const NEWEST_OPSET = 26
const OLDEST_OPSET = 7
/** Domains whose operators the runtime has. */
const DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft'])
/** Keys under which exporters leave class names. */
const LABEL_KEYS = ['names', 'labels', 'classes', 'class_names', 'id2label']

/** @throws DugaError model.unreadable, file.unreadable */
export const importOnnx: ReadModel = async (files) => {
  const [file, ...others] = files
  if (file === undefined || others.length > 0) {
    throw bad(`${files.length} ONNX models are given; import them one by one`)
  }
  if ((await stat(file.path)).size > MOST_BYTES) throw bad('it is larger than 2 GiB')
  const bytes = await readWhole(file)
  const model = readModel(bytes)
  const opset = checkOpsets(model)
  const graph = model.graph!
  const labels = labelsOf(model)
  const guarded = keepPaddings(graph)
  return {
    graph: guarded === 0 ? bytes : writeModel(model),
    labels,
    files: {},
    decode: {},
    answer: {},
    origin: {
      opset,
      producer: `${model.producerName ?? ''} ${model.producerVersion ?? ''}`.trim(),
    },
    layers: graph.node.map(({ name, opType }) => ({ name: name ?? '', kind: opType ?? '' })),
    parameters: countWeights(graph),
    notices: labels === null ? [] : ['The class names are those of its metadata.'],
  }
}

function checkOpsets({ opsetImport }: ModelProto): number {
  for (const { domain = '' } of opsetImport) {
    if (!DOMAINS.has(domain)) throw bad(`it has operators of "${domain}", which the runtime lacks`)
  }
  const opset = Number(opsetImport.find(({ domain = '' }) => domain === '')?.version ?? 0)
  if (opset >= OLDEST_OPSET && opset <= NEWEST_OPSET) return opset
  throw bad(`its operator set is ${opset}; ${OLDEST_OPSET} to ${NEWEST_OPSET} are read`)
}

/** JSON, or the dictionary of Python that some exporters write: `{0: 'cat', 1: 'dog'}`. */
function labelsOf({ metadataProps }: ModelProto): readonly string[] | null {
  const found = metadataProps.find(({ key = '' }) => LABEL_KEYS.includes(key))?.value
  if (found === undefined) return null
  const json = found.replaceAll(/([{,]\s*)(\d+)\s*:/g, '$1"$2":').replaceAll("'", '"')
  try {
    return parseLabels(json)
  } catch (error) {
    if (error instanceof DugaError) return null
    throw error
  }
}

function countWeights({ initializer }: GraphProto): number {
  const sizes = initializer.map(({ dims }) => dims.reduce((all, dim) => all * Number(dim), 1))
  return sizes.reduce((all, size) => all + size, 0)
}

function bad(reason: string): DugaError {
  return new DugaError('model.unreadable', { reason })
}
