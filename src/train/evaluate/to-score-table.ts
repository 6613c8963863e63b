// Truths and scores → what a report of a classification takes, with columns for classes that the version does not know.

export interface ScoreTable {
  readonly classes: readonly string[]
  readonly labels: readonly number[]
  /** Row-major; 0 for a class that the version does not know. */
  readonly probabilities: Float32Array
  /** Rows of each class. */
  readonly counts: Readonly<Record<string, { readonly test: number }>>
  readonly notices: readonly string[]
}

/** @param given.scores of each row, by class */
export function toScoreTable(given: {
  readonly classes: readonly string[]
  readonly truths: readonly string[]
  readonly scores: readonly ArrayLike<number>[]
}): ScoreTable {
  const { truths, scores } = given
  const unknown = [...new Set(truths)].filter((label) => !given.classes.includes(label)).sort()
  const classes = [...given.classes, ...unknown]
  const places = new Map(classes.map((label, i) => [label, i]))
  const labels = truths.map((label) => places.get(label)!)
  const probabilities = new Float32Array(truths.length * classes.length)
  for (const [row, values] of scores.entries()) {
    probabilities.set(Float32Array.from(values), row * classes.length)
  }
  const counts = new Map<string, number>()
  for (const label of truths) counts.set(label, (counts.get(label) ?? 0) + 1)
  return {
    ...{ classes, labels, probabilities },
    counts: Object.fromEntries(
      classes.flatMap((label) => {
        const test = counts.get(label)
        return test === undefined ? [] : [[label, { test }]]
      }),
    ),
    notices: unknown.map(
      (label) =>
        `The version does not know the class "${label}": its ${counts.get(label)} rows count as mistakes.`,
    ),
  }
}
