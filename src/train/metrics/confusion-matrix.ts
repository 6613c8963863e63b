// Which class was taken for which, and how often.

export interface ConfusionMatrix {
  readonly classes: number
  /** [classes, classes] row-major: the truth by row, the class named by column. */
  readonly counts: Float64Array
}

/**
 * @param labels class index of the truth of each row, 0 ≤ label < classes
 * @param named class index that was named
 * @param weights how often each row counts; once by default
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  named: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): ConfusionMatrix {
  const counts = new Float64Array(classes * classes)
  for (let row = 0; row < labels.length; row++) {
    counts[labels[row]! * classes + named[row]!]! += weights === undefined ? 1 : weights[row]!
  }
  return { classes, counts }
}
