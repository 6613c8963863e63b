// Precision, recall and F1 of each class and over all, from the confusion matrix, as scikit-learn counts them: what
// would be 0 / 0 is 0, and means run over the classes that occur or are named.
import type { ConfusionMatrix } from './confusion-matrix.ts'

export interface ClassScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Rows of the class. */
  readonly support: number
  /** Rows that were taken for the class. */
  readonly named: number
}

/** @returns a score a class, by class index */
export function classScores({ classes, counts }: ConfusionMatrix): ClassScore[] {
  const named = new Float64Array(classes)
  const support = new Float64Array(classes)
  for (let truth = 0; truth < classes; truth++) {
    for (let column = 0; column < classes; column++) {
      const count = counts[truth * classes + column]!
      named[column]! += count
      support[truth]! += count
    }
  }
  return Array.from(support, (rows, c) => {
    const hits = counts[c * classes + c]!
    return {
      precision: ratio(hits, named[c]!),
      recall: ratio(hits, rows),
      f1: ratio(2 * hits, rows + named[c]!),
      support: rows,
      named: named[c]!,
    }
  })
}

export interface OverallScores {
  readonly accuracy: number
  /** Mean recall over the classes that occur. */
  readonly balanced_accuracy: number
  readonly precision_macro: number
  readonly recall_macro: number
  readonly f1_macro: number
  readonly precision_weighted: number
  readonly recall_weighted: number
  readonly f1_weighted: number
}

/** @param scores of all classes; at least one row in all */
export function overallScores(scores: readonly ClassScore[]): OverallScores {
  const present = scores.filter(({ support, named }) => support + named > 0)
  const occurring = scores.filter(({ support }) => support > 0)
  const rows = occurring.reduce((sum, { support }) => sum + support, 0)
  const hits = occurring.reduce((sum, { recall, support }) => sum + recall * support, 0)
  const macro = (of: (score: ClassScore) => number, over = present) =>
    ratio(
      over.reduce((sum, score) => sum + of(score), 0),
      over.length,
    )
  const weighted = (of: (score: ClassScore) => number) =>
    ratio(
      occurring.reduce((sum, score) => sum + of(score) * score.support, 0),
      rows,
    )
  return {
    accuracy: ratio(hits, rows),
    balanced_accuracy: macro(({ recall }) => recall, occurring),
    precision_macro: macro(({ precision }) => precision),
    recall_macro: macro(({ recall }) => recall),
    f1_macro: macro(({ f1 }) => f1),
    precision_weighted: weighted(({ precision }) => precision),
    recall_weighted: weighted(({ recall }) => recall),
    f1_weighted: weighted(({ f1 }) => f1),
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
