// A user's model as a version of the dog service: one picture in, a score a breed out.
import { toPixelSpec } from '../../engine/decoders/pixel-spec.ts'
import { type Adopt, checkLabels, classesOf, onlyModel } from '../../importers/adopt.ts'
import { adoptPicture } from '../../importers/adopt-picture.ts'
import { lookAtGraph } from '../../importers/look-at-graph.ts'

/** Pixels as Pillow makes them, bicubic, divided by 255 unless the graph scales them. @throws DugaError model.unfit */
export const adopt: Adopt = ({ models, labels, settings }) => {
  const model = onlyModel('dog', models)
  const { activation, ...rest } = settings
  const { decode, notices, maxBatch } = adoptPicture('dog', model, rest)
  const names = checkLabels('dog', labels ?? model.labels, classesOf('dog', model))
  const logits = activation === undefined && lookAtGraph(model.graph).ending === 'other'
  const whole = { implementation: 'pillow', filter: 'bicubic', ...decode, ...rest }
  toPixelSpec(whole)
  return {
    model,
    labels: names,
    decode: whole,
    answer: {
      output: model.outputs[0]!.name,
      activation: activation ?? (logits ? 'softmax' : 'none'),
    },
    files: model.files,
    maxBatch,
    notices: logits
      ? [...notices, 'The model does not end in a softmax: one is applied to what it answers.']
      : notices,
  }
}
