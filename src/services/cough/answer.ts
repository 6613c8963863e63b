// What the network put out → class, confidence and the score of every class.
import type { AnswerContext } from '../../engine/service.ts'
import type { Tensors } from '../../tensor/tensor.ts'

export interface CoughAnswer {
  /** The most probable class. */
  readonly prediction: string
  /** Its probability, 0..1. */
  readonly confidence: number
  /** Probability by class, in the model's order. */
  readonly scores: Readonly<Record<string, number>>
}

/**
 * Reads one row of softmax outputs.
 * @throws TypeError where the model's output and its labels do not fit together
 */
export function toAnswer(
  outputs: Tensors,
  { manifest }: Pick<AnswerContext<unknown>, 'manifest'>,
): CoughAnswer {
  const labels = manifest.labels ?? []
  const data = outputs[manifest.outputs[0]?.name ?? '']?.data ?? []
  const scores = Array.from(data, Number)
  if (labels.length === 0 || scores.length !== labels.length || !scores.every(Number.isFinite)) {
    throw new TypeError(`The model put out ${scores.length} numbers for ${labels.length} labels.`)
  }
  const confidence = Math.max(...scores)
  return {
    prediction: labels[scores.indexOf(confidence)]!,
    confidence,
    scores: Object.fromEntries(labels.map((label, i) => [label, scores[i]!])),
  }
}
