// How far probabilities are from the truth: log loss and Brier score, as scikit-learn's.

/**
 * Mean −log of the probability of the true class. A probability of 0 counts as the smallest step of its number type.
 *
 * @param probabilities [rows, classes] row-major, each row summing to 1
 * @param labels class index of each row; at least one
 */
export function logLoss(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): number {
  const least = probabilities instanceof Float32Array ? 2 ** -23 : Number.EPSILON
  return weightedMean(labels.length, weights, (row) => {
    let sum = 0
    for (let c = 0; c < classes; c++) sum += probabilities[row * classes + c]!
    const share = probabilities[row * classes + labels[row]!]! / (sum || 1)
    return -Math.log(Math.min(Math.max(share, least), 1 - least))
  })
}

/** Mean squared distance of the probabilities from the truth; halved for two classes, as is usual: 0..1 there, else 0..2. */
export function brierScore(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  weights?: ArrayLike<number>,
): number {
  const mean = weightedMean(labels.length, weights, (row) => {
    let sum = 0
    for (let c = 0; c < classes; c++) {
      const gap = probabilities[row * classes + c]! - (labels[row] === c ? 1 : 0)
      sum += gap * gap
    }
    return sum
  })
  return classes === 2 ? mean / 2 : mean
}

function weightedMean(
  rows: number,
  weights: ArrayLike<number> | undefined,
  value: (row: number) => number,
): number {
  let [sum, total] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const weight = weights === undefined ? 1 : weights[row]!
    sum += weight === 0 ? 0 : weight * value(row)
    total += weight
  }
  return sum / total
}
