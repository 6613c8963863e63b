// A dog model's scores → breed, confidence, the runners-up and, where the model knows other things than dogs, whether
// it is one.

import type { AnswerContext } from '../../engine/service.ts'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { toBreedName } from './breed-name.ts'

export interface DogAnswer {
  readonly breed: string
  /** 0..1, among the breeds. */
  readonly confidence: number
  /** At most five, best first. */
  readonly top: readonly { readonly label: string; readonly probability: number }[]
  /** 0..1: how much of the whole probability lies on dogs; null where the model knows nothing else. */
  readonly dogScore: number | null
  readonly isDog: boolean | null
}

interface AnswerSpec {
  readonly output: string
  readonly activation: 'softmax' | 'none'
  /** Index among the outputs of each breed; null: every output is one. */
  readonly classes: readonly number[] | null
  readonly threshold: number
}

const TOP = 5
const specs = new WeakMap<Manifest, AnswerSpec>()

/**
 * Reads `answer` of the manifest: `output` (name; default: the first), `activation` (`softmax` where the graph gives
 * logits; default `none`), `classes` (the output index of each breed, where there are outputs that are none) and
 * `dog_threshold` (default 0.5). Labels are one a breed or one an output.
 * @throws TypeError where manifest and outputs do not fit together
 */
export function toAnswer(outputs: Tensors, { manifest }: AnswerContext<unknown>): DogAnswer {
  const { classes, threshold } = specOf(manifest)
  const { breeds, probabilities, dogScore } = toProbabilities(outputs, manifest)
  const ranked = breeds
    .map((label, breed) => ({ label, probability: probabilities[breed]! }))
    .sort((a, b) => b.probability - a.probability)
  const [best] = ranked
  if (best === undefined) throw new TypeError('The model names no breed.')
  return {
    breed: best.label,
    confidence: best.probability,
    top: ranked.slice(0, TOP),
    dogScore: classes === null ? null : dogScore,
    isDog: classes === null ? null : dogScore >= threshold,
  }
}

/** What a version can answer, in the order of its probabilities. */
export function breedsOf(manifest: Manifest): readonly string[] {
  const { classes } = specOf(manifest)
  const labels = manifest.labels ?? []
  const own =
    classes === null || labels.length === classes.length
      ? labels
      : classes.map((index) => labels[index]!)
  return own.map(toBreedName)
}

/**
 * The probability of every breed, among the breeds, and the share of all breeds in the whole.
 * @throws TypeError where manifest and outputs do not fit together
 */
export function toProbabilities(
  outputs: Tensors,
  manifest: Manifest,
): {
  readonly breeds: readonly string[]
  readonly probabilities: Float64Array
  readonly dogScore: number
} {
  const { output, activation, classes } = specOf(manifest)
  const scores = outputs[output]?.data
  if (!(scores instanceof Float32Array || scores instanceof Float64Array)) {
    throw new TypeError(`The model's output "${output}" must hold floating-point numbers.`)
  }
  const all = activation === 'softmax' ? softmax(scores) : Float64Array.from(scores)
  if (!all.every(Number.isFinite)) throw new TypeError('The model answered no finite numbers.')
  const { labels } = manifest
  const indices = classes ?? Array.from(all.keys())
  if (indices.some((index) => index >= all.length)) {
    throw new TypeError(`answer.classes names more than ${all.length} outputs.`)
  }
  if (labels === null || (labels.length !== indices.length && labels.length !== all.length)) {
    throw new TypeError(`${indices.length} breeds need as many labels.`)
  }
  const dogScore = indices.reduce((sum, index) => sum + all[index]!, 0)
  const share = classes === null || dogScore === 0 ? 1 : dogScore
  return {
    breeds: breedsOf(manifest),
    probabilities: Float64Array.from(indices, (index) => all[index]! / share),
    dogScore,
  }
}

function specOf(manifest: Manifest): AnswerSpec {
  const known = specs.get(manifest)
  if (known !== undefined) return known
  const { output, activation = 'none', classes = null, dog_threshold = 0.5 } = manifest.answer
  if (activation !== 'softmax' && activation !== 'none') {
    throw new TypeError('answer.activation must be "softmax" or "none".')
  }
  if (typeof dog_threshold !== 'number') throw new TypeError('answer.dog_threshold: a number.')
  const name = output ?? manifest.outputs[0]?.name
  if (typeof name !== 'string') throw new TypeError('answer.output must name an output.')
  const spec: AnswerSpec = {
    output: name,
    activation,
    classes: toIndices(classes),
    threshold: dog_threshold,
  }
  specs.set(manifest, spec)
  return spec
}

function toIndices(classes: unknown): readonly number[] | null {
  if (classes === null) return null
  const good = (index: unknown): boolean => Number.isInteger(index) && (index as number) >= 0
  if (Array.isArray(classes) && classes.length > 0 && classes.every(good)) return classes
  throw new TypeError('answer.classes must be a list of output indices.')
}

function softmax(scores: Float32Array | Float64Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY
  for (const score of scores) most = Math.max(most, score)
  const powers = Float64Array.from(scores, (score) => Math.exp(score - most))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
