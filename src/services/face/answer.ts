// From the classifier's outputs to the answer of the old API. What its numbers mean stands in the manifest's `answer`.

import type { AnswerContext } from '../../engine/service.ts'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'

export interface FaceAnswer {
  readonly prediction: 'real' | 'fake'
  /** Of the class named, 0..1. */
  readonly confidence: number
  readonly prob_real: number
  readonly prob_fake: number
  readonly threshold_used: number
  /** Whether a face was judged or, none found, the whole picture. Left out where the model takes whole pictures. */
  readonly face_found?: boolean
}

export interface FaceAnswerSpec {
  /** Index of the class that is a live person; all others are attacks. */
  readonly real: number
  /** Fake from this probability on, 0..1. */
  readonly threshold: number
  /** What the model's output is. Crops are averaged as they come: logits as logits. */
  readonly scores: 'logits' | 'probabilities'
}

/** What the manifest's `answer` says: `real` (0), `threshold` (0.5), `scores` ("logits"). @throws TypeError */
export function toAnswerSpec(answer: Manifest['answer']): FaceAnswerSpec {
  const { real = 0, threshold = 0.5, scores = 'logits' } = answer
  if (typeof real !== 'number' || !Number.isInteger(real) || real < 0) {
    throw new TypeError('answer.real of the manifest must be a class index')
  }
  if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1)) {
    throw new TypeError('answer.threshold of the manifest must be a number from 0 to 1')
  }
  if (scores !== 'logits' && scores !== 'probabilities') {
    throw new TypeError('answer.scores of the manifest must be "logits" or "probabilities"')
  }
  return { real, threshold, scores }
}

/**
 * @param outputs the model's first output, [rows, classes]: one row a crop of the same face
 * @param threshold overrides the manifest's
 */
export function toFaceAnswer(
  outputs: Tensors,
  { manifest, extra }: Pick<AnswerContext<unknown>, 'manifest' | 'extra'>,
  threshold: number | null = null,
): FaceAnswer {
  const spec = toAnswerSpec(manifest.answer)
  const mean = meanRow(outputs, manifest.outputs[0]!.name)
  const probabilities = spec.scores === 'logits' ? softmax(mean) : normalised(mean)
  const real = probabilities[spec.real]
  if (real === undefined) throw new RangeError(`The model has no class ${spec.real}`)
  const fake = probabilities.reduce((sum, p, index) => (index === spec.real ? sum : sum + p), 0)
  const used = threshold ?? spec.threshold
  const isFake = fake >= used
  return {
    prediction: isFake ? 'fake' : 'real',
    confidence: isFake ? fake : real,
    prob_real: real,
    prob_fake: fake,
    threshold_used: used,
    ...foundOf(extra),
  }
}

/** `extra.face` is there where the model crops: the box, or null. */
function foundOf(extra: AnswerContext<unknown>['extra']): { face_found?: boolean } {
  if (typeof extra !== 'object' || extra === null || !('face' in extra)) return {}
  return { face_found: extra.face !== null }
}

function meanRow(outputs: Tensors, name: string): number[] {
  const tensor = outputs[name]
  const rows = tensor?.dims[0] ?? 0
  if (tensor === undefined || rows === 0 || tensor.data.length < rows * 2) {
    throw new RangeError(`Output "${name}" must be [rows, classes] with two classes at least`)
  }
  const classes = tensor.data.length / rows
  return Array.from({ length: classes }, (_, index) => {
    let sum = 0
    for (let row = 0; row < rows; row += 1) sum += Number(tensor.data[row * classes + index])
    return sum / rows
  })
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits)
  return normalised(logits.map((logit) => Math.exp(logit - most)))
}

function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}
