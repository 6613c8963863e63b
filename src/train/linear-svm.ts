// Linear support vector classification, one class against the rest: L2-regularised, L1 or L2 loss, by dual coordinate
// descent with shrinking (Hsieh et al. 2008, the method of liblinear and of scikit-learn's LinearSVC(dual=True)).
import { createRandom, type Random } from './random.ts'
import type { SparseMatrix } from './sparse.ts'

export interface LinearSvmOptions {
  /** Inverse strength of the regularisation. */
  readonly c?: number
  readonly loss?: 'hinge' | 'squared_hinge'
  readonly fitIntercept?: boolean
  /** Value of the constant feature behind the intercept, which is regularised with the rest. */
  readonly interceptScaling?: number
  /** Stops where the largest violation of optimality is below. */
  readonly tolerance?: number
  readonly maxIterations?: number
  readonly seed?: number
}

/** One column a class; a single column (for class 1) where there are two classes, as in scikit-learn. */
export interface LinearModel {
  readonly features: number
  readonly columns: number
  /** [columns, features], row-major. */
  readonly weights: Float64Array
  /** [columns] */
  readonly intercepts: Float64Array
}

/**
 * @param labels class index of each row, 0 ≤ index < classes
 * @throws RangeError for fewer than two classes
 */
export function fitLinearSvm(
  matrix: SparseMatrix,
  labels: ArrayLike<number>,
  classes: number,
  options: LinearSvmOptions = {},
): LinearModel {
  if (classes < 2) throw new RangeError('A classifier needs at least two classes.')
  const { c = 1, loss = 'squared_hinge', fitIntercept = true, interceptScaling = 1 } = options
  const columns = classes === 2 ? 1 : classes
  const weights = new Float64Array(columns * matrix.columns)
  const intercepts = new Float64Array(columns)
  const bias = fitIntercept ? interceptScaling : 0
  const squares = squaredNorms(matrix, bias)
  for (let column = 0; column < columns; column++) {
    const positive = columns === 1 ? 1 : column
    const problem: Problem = {
      matrix,
      signs: toSigns(labels, positive),
      squares,
      bias,
      diagonal: loss === 'squared_hinge' ? 0.5 / c : 0,
      upper: loss === 'squared_hinge' ? Number.POSITIVE_INFINITY : c,
    }
    const w = weights.subarray(column * matrix.columns, (column + 1) * matrix.columns)
    intercepts[column] = solve(problem, w, options) * bias
  }
  return { features: matrix.columns, columns, weights, intercepts }
}

/** Signed distances, [rows, columns] row-major. */
export function decisions(model: LinearModel, matrix: SparseMatrix): Float64Array {
  const { columns, features, weights, intercepts } = model
  const out = new Float64Array(matrix.rows * columns)
  for (let column = 0; column < columns; column++) {
    const w = weights.subarray(column * features, (column + 1) * features)
    for (let row = 0; row < matrix.rows; row++) {
      let sum = intercepts[column]!
      const end = matrix.starts[row + 1]!
      for (let k = matrix.starts[row]!; k < end; k++) sum += w[matrix.ids[k]!]! * matrix.values[k]!
      out[row * columns + column] = sum
    }
  }
  return out
}

interface Problem {
  readonly matrix: SparseMatrix
  /** +1 or −1 a row. */
  readonly signs: Int8Array
  /** Squared length of each row, the constant feature included. */
  readonly squares: Float64Array
  readonly bias: number
  readonly diagonal: number
  readonly upper: number
}

interface State {
  readonly alpha: Float64Array
  /** Rows; the first `active` ones are not shrunk. */
  readonly order: Int32Array
  active: number
  /** Weight of the constant feature. */
  intercept: number
  /** Bounds of the projected gradient in the sweep before, by which rows are shrunk. */
  high: number
  low: number
}

/** Solves one binary problem into `w`; returns the weight of the constant feature. */
function solve(problem: Problem, w: Float64Array, options: LinearSvmOptions): number {
  const { tolerance = 1e-4, maxIterations = 1000, seed = 42 } = options
  const { rows } = problem.matrix
  const random = createRandom(seed)
  const state: State = {
    alpha: new Float64Array(rows),
    order: new Int32Array(rows).map((_, i) => i),
    active: rows,
    intercept: 0,
    high: Number.POSITIVE_INFINITY,
    low: Number.NEGATIVE_INFINITY,
  }
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    shuffle(state.order, state.active, random)
    const gap = sweep(problem, state, w)
    if (gap > tolerance) continue
    if (state.active === rows) break
    state.active = rows
    state.high = Number.POSITIVE_INFINITY
    state.low = Number.NEGATIVE_INFINITY
  }
  return state.intercept
}

/** One pass over the active rows; returns the largest violation of optimality met. */
function sweep(problem: Problem, state: State, w: Float64Array): number {
  const { matrix, signs, squares, bias, diagonal, upper } = problem
  const { starts, ids, values } = matrix
  const { alpha, order } = state
  let high = Number.NEGATIVE_INFINITY
  let low = Number.POSITIVE_INFINITY
  for (let s = 0; s < state.active; s++) {
    const i = order[s]!
    const end = starts[i + 1]!
    let dot = state.intercept * bias
    for (let k = starts[i]!; k < end; k++) dot += w[ids[k]!]! * values[k]!
    const before = alpha[i]!
    const gradient = dot * signs[i]! - 1 + before * diagonal
    const atZero = before === 0
    const atUpper = before === upper
    if ((atZero && gradient > state.high) || (atUpper && gradient < state.low)) {
      state.active -= 1
      order[s] = order[state.active]!
      order[state.active] = i
      s -= 1
      continue
    }
    const held = (atZero && gradient > 0) || (atUpper && gradient < 0)
    if (held) {
      high = Math.max(high, 0)
      low = Math.min(low, 0)
      continue
    }
    high = Math.max(high, gradient)
    low = Math.min(low, gradient)
    if (Math.abs(gradient) <= 1e-12) continue
    const after = Math.min(Math.max(before - gradient / (squares[i]! + diagonal), 0), upper)
    const step = (after - before) * signs[i]!
    alpha[i] = after
    for (let k = starts[i]!; k < end; k++) w[ids[k]!]! += step * values[k]!
    state.intercept += step * bias
  }
  state.high = high <= 0 ? Number.POSITIVE_INFINITY : high
  state.low = low >= 0 ? Number.NEGATIVE_INFINITY : low
  return high - low
}

function toSigns(labels: ArrayLike<number>, positive: number): Int8Array {
  const signs = new Int8Array(labels.length)
  for (let i = 0; i < signs.length; i++) signs[i] = labels[i] === positive ? 1 : -1
  return signs
}

function squaredNorms({ rows, starts, values }: SparseMatrix, bias: number): Float64Array {
  const squares = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    let sum = bias * bias
    for (let k = starts[i]!; k < starts[i + 1]!; k++) sum += values[k]! * values[k]!
    squares[i] = sum
  }
  return squares
}

function shuffle(order: Int32Array, count: number, random: Random): void {
  for (let i = 0; i < count - 1; i++) {
    const j = i + ((random() * (count - i)) | 0)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
}
