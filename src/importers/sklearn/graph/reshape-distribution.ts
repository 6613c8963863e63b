// PowerTransformer and QuantileTransformer: columns brought to the shape of a normal or uniform distribution.
import { flagOf, matrixOf, objectOf, refuse, textOf, vectorOf } from '../attributes.ts'
import { concatenate, type Flow, pick, type Transformer } from './flow.ts'
import { interpolate } from './interpolate.ts'
import { normalQuantile } from './normal-quantile.ts'

const SMALL = 2 ** -52

const power: Transformer = (flow, input, object) => {
  const lambdas = vectorOf(object, 'lambdas_')
  if (lambdas.length !== input.width) refuse(object, `it was fitted on ${lambdas.length} columns`)
  const boxCox = textOf(object, 'method') === 'box-cox'
  const blocks = Array.from(lambdas, (lambda, column) => {
    const { value } = pick(flow, input, [column], object)
    return {
      value: boxCox ? raise(flow, value, lambda) : yeoJohnson(flow, value, lambda),
      width: 1,
    }
  })
  const shaped = concatenate(flow, blocks)
  if (!flagOf(object, 'standardize', true)) return shaped
  return flow.transform(shaped, objectOf(object, '_scaler'))
}

/** (xᵏ - 1) / k, of k = 0 the logarithm. */
function raise(flow: Flow, value: string, lambda: number): string {
  if (Math.abs(lambda) < SMALL) return flow.op('Log', [value])
  const raised = flow.op('Sub', [flow.op('Pow', [value, flow.scalar(lambda)]), flow.scalar(1)])
  return flow.op('Div', [raised, flow.scalar(lambda)])
}

/** The same of 1 + x above zero; below, of 1 - x with 2 - k, turned round. */
function yeoJohnson(flow: Flow, value: string, lambda: number): string {
  const zero = flow.scalar(0)
  const above = flow.op('Add', [flow.op('Max', [value, zero]), flow.scalar(1)])
  const below = flow.op('Sub', [flow.scalar(1), flow.op('Min', [value, zero])])
  const positive = flow.op('GreaterOrEqual', [value, zero])
  const low = flow.op('Neg', [raise(flow, below, 2 - lambda)])
  const shaped = flow.op('Where', [positive, raise(flow, above, lambda), low])
  return flow.op('Where', [flow.op('IsNaN', [value]), value, shaped])
}

const THRESHOLD = 1e-7

const quantile: Transformer = (flow, input, object) => {
  const quantiles = matrixOf(object, 'quantiles_')
  const references = vectorOf(object, 'references_')
  const normal = textOf(object, 'output_distribution') === 'normal'
  if (quantiles.columns !== input.width || quantiles.rows !== references.length) {
    refuse(object, 'its quantiles do not fit its columns')
  }
  const blocks = Array.from({ length: input.width }, (_, column) => {
    const own = references.map((_, row) => quantiles.data[row * quantiles.columns + column]!)
    const { value } = pick(flow, input, [column], object)
    return { value: place(flow, value, { own, references, normal }), width: 1 }
  })
  return concatenate(flow, blocks)
}

/** Between the quantiles, once from below and once from above: where several are equal, the middle of their places. */
function place(
  flow: Flow,
  value: string,
  { own, references, normal }: { own: Float64Array; references: Float64Array; normal: boolean },
): string {
  const [first, last] = [own[0]!, own.at(-1)!]
  const up = interpolate(flow, value, own, references)
  const turned = own.map((x) => -x).reverse()
  const down = interpolate(
    flow,
    flow.op('Neg', [value]),
    turned,
    references.map((y) => -y).reverse(),
  )
  const middle = flow.op('Mul', [flow.op('Sub', [up, down]), flow.scalar(0.5)])
  const slack = normal ? THRESHOLD : 0
  const ends = (op: string, bound: number) => flow.op(op, [value, flow.scalar(bound)])
  const atTop = normal ? ends('Greater', last - slack) : ends('Equal', last)
  const atBottom = normal ? ends('Less', first + slack) : ends('Equal', first)
  const topped = flow.op('Where', [atTop, flow.scalar(1), middle])
  const all = flow.op('Where', [atBottom, flow.scalar(0), topped])
  return normal ? normalQuantile(flow, all) : all
}

export const DISTRIBUTIONS: Readonly<Record<string, Transformer>> = {
  PowerTransformer: power,
  QuantileTransformer: quantile,
}
