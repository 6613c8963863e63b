// A user's model as a version of the face service: one picture in, a score for live and for each kind of fake out.
import { toPixelSpec } from '../../engine/decoders/pixel-spec.ts'
import { type Adopt, classesOf, onlyModel, unfit } from '../../importers/adopt.ts'
import { adoptPicture } from '../../importers/adopt-picture.ts'
import { lookAtGraph } from '../../importers/look-at-graph.ts'

/** Whole pictures, as OpenCV scales them, unless `--set crop=…` says otherwise. @throws DugaError model.unfit */
export const adopt: Adopt = ({ models, labels, settings }) => {
  const model = onlyModel('face', models)
  const { real = 0, threshold, scores, ...rest } = settings
  const { decode, notices, maxBatch } = adoptPicture('face', model, rest)
  const classes = classesOf('face', model)
  if (classes < 2) throw unfit('face', `it has ${classes} class; live and fake need at least two`)
  const softmax = lookAtGraph(model.graph).ending === 'softmax'
  const whole = { implementation: 'opencv', filter: 'bilinear', order: 'RGB', ...decode, ...rest }
  toPixelSpec(whole)
  const told = [
    ...notices,
    ...(settings.real === undefined
      ? ['Class 0 is taken to be the live one; if it is another, say --set real=<index>.']
      : []),
  ]
  const guessed = Array.from({ length: classes }, (_, index) => (index === real ? 'real' : 'fake'))
  return {
    model,
    labels: labels ?? model.labels ?? guessed,
    decode: whole,
    answer: {
      real,
      ...(threshold !== undefined && { threshold }),
      scores: scores ?? (softmax ? 'probabilities' : 'logits'),
    },
    files: model.files,
    maxBatch,
    notices: told,
  }
}
