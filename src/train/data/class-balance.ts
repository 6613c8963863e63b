// How unequal the classes are, and the weights that make up for it in the loss.
import { countLabels } from './check-classes.ts'

export interface ClassBalance {
  /** Rows of each class, classes in order. */
  readonly counts: ReadonlyMap<string, number>
  /** scikit-learn's `balanced`: rows ÷ (classes × rows of the class). */
  readonly weights: ReadonlyMap<string, number>
  /** Rows of the largest class ÷ rows of the smallest. */
  readonly ratio: number
  /** Said from a ratio of 2 on. */
  readonly notices: readonly string[]
}

/** From this ratio on a plain loss is noticeably drawn to the larger classes. */
const WORTH_SAYING = 2

/** @param labels of the training rows; at least one */
export function toClassBalance(labels: readonly string[]): ClassBalance {
  const counts = countLabels(labels)
  const sorted = [...counts].sort(([, a], [, b]) => a - b)
  const [smallest, largest] = [sorted[0]!, sorted.at(-1)!]
  const weights = new Map(
    [...counts].map(([label, count]) => [label, labels.length / (counts.size * count)]),
  )
  const ratio = largest[1] / smallest[1]
  const notices =
    ratio < WORTH_SAYING
      ? []
      : [
          `The classes are unequal: "${largest[0]}" has ${largest[1]} rows, "${smallest[0]}" ${smallest[1]}; the loss weighs them.`,
        ]
  return { counts, weights, ratio, notices }
}
