// Margins of several classes → probabilities by one number: softmax(scale · margins), the scale that makes held-out rows
// likeliest (Guo et al. 2017; scikit-learn's CalibratedClassifierCV(method="temperature"), whose scale is 1 / T).

/**
 * Newton's method on the logarithm of the scale; the loss is convex in the scale itself, so steps are bounded only to
 * stay in range.
 *
 * @param margins [rows, columns] row-major; a single column stands for class 1 of two, class 0 having the margin's negative
 * @param labels class index of each row
 * @returns the scale, between 1e-3 and 1e3
 */
export function fitTemperature(
  margins: ArrayLike<number>,
  labels: ArrayLike<number>,
  columns: number,
): number {
  let scale = 1
  for (let iteration = 0; iteration < 100; iteration++) {
    const { slope, curvature } = derivatives(margins, labels, columns, scale)
    // Margins that separate the classes have no best scale: what is left to win does not matter.
    if (Math.abs(slope) * scale < 1e-7 * labels.length) return scale
    const step = Math.min(Math.max(slope / Math.max(curvature, 1e-12), -scale), scale)
    const next = Math.min(Math.max(scale - step, scale / 2, 1e-3), 1e3)
    if (Math.abs(next - scale) < 1e-10 * scale) return next
    scale = next
  }
  return scale
}

/** First and second derivative of Σ −log softmax(scale · margins)[label] by the scale. */
function derivatives(
  margins: ArrayLike<number>,
  labels: ArrayLike<number>,
  columns: number,
  scale: number,
): { slope: number; curvature: number } {
  let slope = 0
  let curvature = 0
  const classes = columns === 1 ? 2 : columns
  const row = new Float64Array(classes)
  for (let i = 0; i < labels.length; i++) {
    let most = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++) {
      row[c] = columns === 1 ? (c === 0 ? -margins[i]! : margins[i]!) : margins[i * columns + c]!
      most = Math.max(most, row[c]!)
    }
    let [total, mean, square] = [0, 0, 0]
    for (let c = 0; c < classes; c++) {
      const likelihood = Math.exp(scale * (row[c]! - most))
      total += likelihood
      mean += likelihood * row[c]!
      square += likelihood * row[c]! * row[c]!
    }
    mean /= total
    slope += mean - row[labels[i]!]!
    curvature += square / total - mean * mean
  }
  return { slope, curvature }
}
