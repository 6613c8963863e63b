// Vectoriser and linear classifier → the linear text graph that the product service runs in place.
import { createLinearTextGraph } from '../../../onnx/linear-text-graph.ts'
import type { ModelProto } from '../../../onnx/proto.ts'
import { countTerms, type Vocabulary } from '../../../tensor/text/name-encoder.ts'
import { refuse } from '../attributes.ts'
import { type LinearClassifier, toLinearClassifier } from '../linear/linear-classifier.ts'
import type { TextFront } from './front.ts'
import { allFeatures, foldStep, type SparseFeatures } from './sparse-steps.ts'

export interface LinearTextModel {
  readonly graph: ModelProto
  readonly vocabulary: Vocabulary
  readonly classes: readonly string[]
  readonly parameters: number
  readonly calibrated: boolean
}

/** Largest graph, in weights; a hashed text has a million features a class. */
const MOST_WEIGHTS = 256 * 1024 * 1024

/** null where a step is not linear, or nothing classifies. */
export function toLinearText(front: TextFront): LinearTextModel | null {
  const last = front.rest.at(-1)?.object
  const classifier = last === undefined ? null : toLinearClassifier(last)
  if (last === undefined || classifier === null) return null
  // Hashed with signs, a term that is there may weigh less than nothing.
  const signed = front.vocabulary.vectorizers.some(({ hashing }) => hashing?.alternateSign === true)
  if (classifier.binary && signed) return null
  const vocabulary = classifier.binary ? toPresence(front.vocabulary) : front.vocabulary
  const terms = countTerms(vocabulary)
  let features: SparseFeatures | null = allFeatures(terms, classifier.binary ? null : front.scale)
  for (const { object } of front.rest.slice(0, -1)) {
    features = features === null ? null : foldStep(features, object)
  }
  if (features === null) return null
  const width = features.columns.reduce((most, column) => Math.max(most, column), -1) + 1
  if (width !== classifier.features) {
    refuse(last, `it was fitted on ${classifier.features} features, and its text has ${width}`)
  }
  const { classes, members, calibrated } = classifier
  if (terms * members * classes.length > MOST_WEIGHTS) refuse(last, 'it has too many weights')
  const weight = toWeights(classifier, features)
  const bias = Float32Array.from(classifier.bias)
  const graph = createLinearTextGraph({
    ...{ terms, members, classes: classes.length, link: classifier.link, weight, bias },
  })
  return { graph, vocabulary, classes, parameters: weight.length + bias.length, calibrated }
}

function toWeights(
  { classes, members, weight }: LinearClassifier,
  { columns, scale }: SparseFeatures,
): Float32Array {
  const all = new Float32Array(columns.length * members * classes.length)
  let at = 0
  for (let term = 0; term < columns.length; term += 1) {
    const column = columns[term]!
    for (let member = 0; member < members; member += 1) {
      for (let kind = 0; kind < classes.length; kind += 1) {
        all[at] = column < 0 ? 0 : scale[term]! * weight(column, member, kind)
        at += 1
      }
    }
  }
  return all
}

/** Terms that are there, whatever they weigh. */
function toPresence({ vectorizers }: Vocabulary): Vocabulary {
  const plain = { binary: true, sublinearTf: false, useIdf: false, norm: null } as const
  return {
    format: 1,
    vectorizers: vectorizers.map((model) => ({
      ...model,
      idf: new Array(model.idf.length).fill(1),
      options: { ...model.options, ...plain },
    })),
  }
}
