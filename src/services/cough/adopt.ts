// A user's model as a version of the cough service: a mel spectrogram in, a probability a class out.
import { type Adopt, checkLabels, classesOf, onlyModel, unfit } from '../../importers/adopt.ts'
import { lookAtGraph } from '../../importers/look-at-graph.ts'
import { toCoughSpec } from './spec.ts'

/** Of the models that users of the old back end have, in alphabetical order as Keras sorts folders. */
const USUAL = ['dry', 'non-cough', 'wet']
const BATCH = 16

const show = (shape: readonly (number | null)[]): string =>
  `[${shape.map((dim) => dim ?? 'any').join(', ')}]`

/** @throws DugaError model.unfit; TypeError */
export const adopt: Adopt = ({ models, labels, settings }) => {
  const model = onlyModel('cough', models)
  const [input, ...others] = model.inputs
  if (input === undefined || others.length > 0 || input.shape.length !== 4) {
    const shapes = model.inputs.map(({ shape }) => show(shape)).join(' and ')
    throw unfit('cough', `it takes ${shapes}, not one spectrogram [any, mels, frames, 1]`)
  }
  const [batch, ...dims] = input.shape
  const layout = dims[2] === 1 ? 'NHWC' : 'NCHW'
  const [mels, frames] = layout === 'NHWC' ? dims : dims.slice(1)
  if (typeof mels !== 'number' || typeof frames !== 'number' || !dims.includes(1)) {
    throw unfit('cough', `it takes ${show(input.shape)}, not [any, mels, frames, 1] of fixed size`)
  }
  const classes = classesOf('cough', model)
  const given = labels ?? model.labels
  const names = checkLabels('cough', given ?? (classes === USUAL.length ? USUAL : null), classes)
  if (lookAtGraph(model.graph).ending !== 'softmax') {
    throw unfit('cough', 'it does not end in a softmax, so what it answers are no probabilities')
  }
  const decode = { ...model.decode, mels, frames, layout, standardise: true, ...settings }
  toCoughSpec({ decode, inputs: model.inputs })
  return {
    model,
    labels: names,
    decode,
    answer: model.answer,
    files: model.files,
    maxBatch: batch ?? BATCH,
    notices:
      given === null
        ? ['The file does not name its classes: dry, non-cough and wet, in this order, are taken.']
        : [],
  }
}
