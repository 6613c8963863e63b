// A file of weights → the network they belong to, where it is one that can be built here.
import { DugaError } from '../../errors.ts'
import { writeModel } from '../../onnx/model.ts'
import { readWhole } from '../import-files.ts'
import type { ImportedLayer, ReadModel } from '../importer.ts'
import { checkpointFormat, readCheckpoint } from './checkpoint.ts'
import type { StateDict } from './efficientnet-lite.ts'
import { NETWORKS } from './networks.ts'

const MOST_NAMED = 6

/** @throws DugaError model.unreadable, model.needs-export, file.unreadable */
export const importPytorch: ReadModel = async (files) => {
  const [file, ...others] = files
  if (file === undefined || others.length > 0) {
    const reason = `${files.length} files of weights are given; import them one by one`
    throw new DugaError('model.unreadable', { reason })
  }
  const { state, ignored } = await readCheckpoint(await readWhole(file))
  const names = [...state.keys()]
  const network = NETWORKS.find(({ fits }) => fits(names))
  if (network === undefined) throw unknownNetwork(names)
  const { model, decode, variant, notices } = network.build(state)
  return {
    graph: writeModel(model),
    labels: null,
    files: {},
    decode,
    answer: {},
    origin: { tool: 'PyTorch', network: variant, checkpoint: checkpointFormat(file.head) },
    layers: layersOf(state),
    parameters: countLearnt(state),
    notices: [...notices, ...noticeOf(ignored)],
  }
}

function unknownNetwork(names: readonly string[]): DugaError {
  const known = NETWORKS.map(({ title }) => title).join(', ')
  const weights = names.filter((name) => /(^|\.)weight$/.test(name))
  const some = list(weights.length > 0 ? weights : names)
  const reason = `it holds weights without the network (${some}), and those that can be built of weights are: ${known}`
  return new DugaError('model.needs-export', { reason })
}

function noticeOf(ignored: readonly string[]): readonly string[] {
  return ignored.length === 0 ? [] : [`Left out, as it is no weight: ${list(ignored)}.`]
}

function list(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`
}

/** A module each, called by what its weights are. */
function layersOf(state: StateDict): readonly ImportedLayer[] {
  const modules = Map.groupBy(state, ([name]) => name.slice(0, name.lastIndexOf('.')))
  return [...modules].map(([name, tensors]) => {
    const rank = tensors.find(([tensor]) => tensor.endsWith('.weight'))?.[1].dims.length
    return { name, kind: rank === 4 ? 'Conv2d' : rank === 2 ? 'Linear' : 'BatchNorm2d' }
  })
}

function countLearnt(state: StateDict): number {
  const learnt = [...state].filter(([name]) => /\.(weight|bias)$/.test(name))
  return learnt.reduce((sum, [, { data }]) => sum + data.length, 0)
}
