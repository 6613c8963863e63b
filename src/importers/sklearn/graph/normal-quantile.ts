// The quantile function of the normal distribution in a graph: Wichura's algorithm AS 241 (PPND16), to 1e-16 relative.
// Cut off where scikit-learn cuts it off.
import type { Flow } from './flow.ts'

const NEAR = [
  [3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946],
  [45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227],
].flat()
const NEAR_BELOW = [
  [1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597],
  [39307.89580009271, 28729.085735721943, 5226.495278852546],
].flat()
const FAR = [
  [1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045],
  [1.2704582524523684, 0.2417807251774506, 0.022723844989269184],
  [0.0007745450142783414],
].flat()
const FAR_BELOW = [
  [1, 2.053191626637759, 1.6763848301838038, 0.6897673349851],
  [0.14810397642748008, 0.015198666563616457, 0.0005475938084995345],
  [1.0507500716444169e-9],
].flat()
const TAIL = [
  [6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487],
  [0.026532189526576124, 0.0012426609473880784, 0.000027115555687434876],
  [2.0103343992922881e-7],
].flat()
const TAIL_BELOW = [
  [1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615],
  [0.0007868691311456133, 0.000018463183175100548, 1.421511758316446e-7],
  [2.0442631033899397e-15],
].flat()

/** norm.ppf of 1e-7 - 2⁻⁵² and of 1 less that, as scikit-learn bounds it. */
const BOUNDS = [-5.199337582605575, 5.19933758270342] as const

export function normalQuantile(flow: Flow, p: string): string {
  const q = flow.op('Sub', [p, flow.scalar(0.5)])
  const square = flow.op('Mul', [q, q])
  const inner = flow.op('Sub', [flow.scalar(0.180625), square])
  const near = flow.op('Mul', [q, ratio(flow, inner, NEAR, NEAR_BELOW)])
  const least = flow.op('Min', [p, flow.op('Sub', [flow.scalar(1), p])])
  const safe = flow.op('Max', [least, flow.scalar(1e-300)])
  const r = flow.op('Sqrt', [flow.op('Neg', [flow.op('Log', [safe])])])
  const far = ratio(flow, flow.op('Sub', [r, flow.scalar(1.6)]), FAR, FAR_BELOW)
  const tail = ratio(flow, flow.op('Sub', [r, flow.scalar(5)]), TAIL, TAIL_BELOW)
  const outside = flow.op('Where', [flow.op('LessOrEqual', [r, flow.scalar(5)]), far, tail])
  const signed = flow.op('Mul', [outside, flow.op('Sign', [q])])
  const central = flow.op('LessOrEqual', [flow.op('Abs', [q]), flow.scalar(0.425)])
  const value = flow.op('Where', [central, near, signed])
  return flow.op('Clip', [value, flow.scalar(BOUNDS[0]), flow.scalar(BOUNDS[1])])
}

function ratio(flow: Flow, x: string, above: readonly number[], below: readonly number[]): string {
  return flow.op('Div', [polynomial(flow, x, above), polynomial(flow, x, below)])
}

/** Horner's scheme, lowest power first. */
function polynomial(flow: Flow, x: string, coefficients: readonly number[]): string {
  const [last, ...rest] = coefficients.toReversed()
  return rest.reduce(
    (sum, coefficient) => flow.op('Add', [flow.op('Mul', [sum, x]), flow.scalar(coefficient)]),
    flow.op('Add', [flow.op('Mul', [x, flow.scalar(0)]), flow.scalar(last!)]),
  )
}
