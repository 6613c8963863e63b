// A calibrated linear text model as numbers: what the graph of onnx/linear-text-graph.ts computes, over the terms present.
// The sigmoids' slopes and offsets are folded into weights and biases, so that one product gives their arguments.

export interface LinearText {
  readonly terms: number
  readonly classes: number
  /** Models whose probabilities are averaged: one, or one a fold. */
  readonly members: number
  /** From sums to probabilities: sigmoids normalised to one, or softmax. */
  readonly link: 'sigmoid' | 'softmax'
  /** [terms, members, classes], row-major. */
  readonly weight: Float32Array
  /** [members, classes] */
  readonly bias: Float32Array
}

/** Keeps a row of zeros from dividing by zero: it becomes uniform, as in scikit-learn. */
export const LEAST_PROBABILITY = 1e-30

/**
 * @param ids terms present; others weigh nothing
 * @param weights one for each id
 * @returns probabilities by class, summing to one
 */
export function scoreLinearText(
  model: LinearText,
  ids: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float32Array {
  const { classes, members } = model
  const sums = weighTerms(model, ids, weights)
  const out = new Float64Array(classes)
  for (let member = 0; member < members; member++) {
    const row = sums.subarray(member * classes, (member + 1) * classes)
    if (model.link === 'sigmoid') toSigmoids(row)
    else toExponentials(row)
    let total = 0
    for (let c = 0; c < classes; c++) total += row[c]!
    for (let c = 0; c < classes; c++) out[c]! += row[c]! / total / members
  }
  return new Float32Array(out)
}

function weighTerms(
  { classes, members, weight, bias }: LinearText,
  ids: ArrayLike<number>,
  weights: ArrayLike<number>,
): Float64Array {
  const columns = members * classes
  const sums = new Float64Array(bias)
  for (let k = 0; k < ids.length; k++) {
    const factor = weights[k]!
    if (factor === 0) continue
    const start = ids[k]! * columns
    for (let c = 0; c < columns; c++) sums[c]! += factor * weight[start + c]!
  }
  return sums
}

function toSigmoids(row: Float64Array): void {
  for (let c = 0; c < row.length; c++) row[c] = LEAST_PROBABILITY + 1 / (1 + Math.exp(-row[c]!))
}

function toExponentials(row: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY
  for (let c = 0; c < row.length; c++) most = Math.max(most, row[c]!)
  for (let c = 0; c < row.length; c++) row[c] = Math.exp(row[c]! - most)
}
