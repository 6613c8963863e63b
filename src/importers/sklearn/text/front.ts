// The first steps of a text model: vectorisers, side by side or alone, and the weighing of their counts. What comes after is
// left to others.
import type { Vocabulary } from '../../../tensor/text/name-encoder.ts'
import { countTerms } from '../../../tensor/text/name-encoder.ts'
import type { TfidfModel } from '../../../tensor/text/tfidf.ts'
import { attribute, refuse } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import { namedSteps, type Step, stepsOf } from '../steps.ts'
import { applyTfidf, isVectorizer, toTfidfModel } from './vectorizer.ts'

export interface TextFront {
  readonly vocabulary: Vocabulary
  /** Of each feature: `transformer_weights` of a union. null where all are 1. */
  readonly scale: Float64Array | null
  readonly rest: readonly Step[]
}

/** null where the model does not begin with text. */
export function readFront(steps: readonly Step[]): TextFront | null {
  const [first, ...others] = steps
  if (first === undefined) return null
  if (first.object.kind === 'FeatureUnion') return readUnion(first.object, others)
  if (!isVectorizer(first.object)) return null
  const { model, rest } = readBranch(first.object, others)
  return { vocabulary: { format: 1, vectorizers: [model] }, scale: null, rest }
}

function readBranch(
  vectorizer: PythonObject,
  others: readonly Step[],
): { model: TfidfModel; rest: readonly Step[] } {
  const model = toTfidfModel(vectorizer)
  const [next, ...rest] = others
  if (next?.object.kind !== 'TfidfTransformer') return { model, rest: others }
  return { model: applyTfidf(model, next.object), rest }
}

function readUnion(union: PythonObject, rest: readonly Step[]): TextFront | null {
  const branches = namedSteps(union, 'transformer_list').filter(
    ({ object }) => (object as unknown) !== 'drop',
  )
  const inner = branches.map(({ object }) => stepsOf(object))
  const texts = inner.filter(([first]) => isVectorizer(first?.object)).length
  if (texts === 0) return null
  if (texts < inner.length) refuse(union, 'it takes text beside other things')
  const weights = attribute(union, 'transformer_weights')
  const vectorizers: TfidfModel[] = []
  const scales: number[] = []
  for (const [at, [first, ...others]] of inner.entries()) {
    const { model, rest: left } = readBranch(first!.object, others)
    if (left.length > 0) refuse(left[0]!.object, 'it stands after a vectoriser within a union')
    vectorizers.push(model)
    const weight = weights instanceof Map ? (weights.get(branches[at]!.name) ?? 1) : 1
    if (typeof weight !== 'number') refuse(union, 'its transformer_weights are no numbers')
    scales.push(weight)
  }
  const vocabulary: Vocabulary = { format: 1, vectorizers }
  const scale = scales.every((value) => value === 1) ? null : spread(vectorizers, scales)
  return { vocabulary, scale, rest }
}

function spread(vectorizers: readonly TfidfModel[], scales: readonly number[]): Float64Array {
  const all = new Float64Array(countTerms({ format: 1, vectorizers }))
  let at = 0
  for (const [index, model] of vectorizers.entries()) {
    const next = at + countTerms({ format: 1, vectorizers: [model] })
    all.fill(scales[index]!, at, next)
    at = next
  }
  return all
}
