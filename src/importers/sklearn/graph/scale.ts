// Transformers of single columns that are a sum and a product, norms, selection, and PCA.
import {
  attribute,
  flagOf,
  has,
  listOf,
  matrixOf,
  numberOf,
  refuse,
  textOf,
  vectorOf,
} from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import { keptFeatures } from '../select-features.ts'
import { rowMax, rowSum } from './class-scores.ts'
import { type Block, type Flow, perFeature, pick, product, type Transformer } from './flow.ts'
import { binarize } from './linear.ts'

const standard: Transformer = (flow, input, object) => {
  let { value } = input
  if (flagOf(object, 'with_mean', true)) value = less(flow, input, value, object, 'mean_')
  if (flagOf(object, 'with_std', true)) value = over(flow, input, value, object, 'scale_')
  return { ...input, value }
}

const robust: Transformer = (flow, input, object) => {
  let { value } = input
  if (flagOf(object, 'with_centering', true)) value = less(flow, input, value, object, 'center_')
  if (flagOf(object, 'with_scaling', true)) value = over(flow, input, value, object, 'scale_')
  return { ...input, value }
}

const minMax: Transformer = (flow, input, object) => {
  const scale = perFeature(flow, input, vectorOf(object, 'scale_'), object)
  const least = perFeature(flow, input, vectorOf(object, 'min_'), object)
  const value = flow.op('Add', [flow.op('Mul', [input.value, scale]), least])
  if (!flagOf(object, 'clip')) return { ...input, value }
  const [low, high] = listOf(object, 'feature_range')
  const clipped = flow.op('Clip', [value, flow.scalar(Number(low)), flow.scalar(Number(high))])
  return { ...input, value: clipped }
}

const maxAbs: Transformer = (flow, input, object) => ({
  ...input,
  value: over(flow, input, input.value, object, 'scale_'),
})

const normalizer: Transformer = (flow, input, object) => {
  const norm = textOf(object, 'norm')
  const { value } = input
  let length: string
  if (norm === 'l2') length = flow.op('Sqrt', [rowSum(flow, flow.op('Mul', [value, value]))])
  else if (norm === 'l1') length = rowSum(flow, flow.op('Abs', [value]))
  else length = rowMax(flow, flow.op('Abs', [value]))
  const none = flow.op('Equal', [length, flow.scalar(0)])
  return {
    ...input,
    value: flow.op('Div', [value, flow.op('Where', [none, flow.scalar(1), length])]),
  }
}

const binarizer: Transformer = (flow, input, object) =>
  binarize(flow, input, numberOf(object, 'threshold'))

const pca: Transformer = (flow, input, object) => {
  const components = matrixOf(object, 'components_')
  let value = input
  if (has(object, 'mean_')) {
    value = { ...input, value: less(flow, input, input.value, object, 'mean_') }
  }
  const turned = product(flow, value, components, null, object)
  if (!flagOf(object, 'whiten')) return turned
  const scale = vectorOf(object, 'explained_variance_').map(Math.sqrt)
  const divided = flow.op('Div', [turned.value, perFeature(flow, turned, scale, object)])
  return { ...turned, value: divided }
}

const svd: Transformer = (flow, input, object) =>
  product(flow, input, matrixOf(object, 'components_'), null, object)

const select: Transformer = (flow, input, object) =>
  pick(flow, input, keptFeatures(object) ?? [], object)

/** Every column stays in its place: `powers_` says how often each goes into a product. */
const polynomial: Transformer = (flow, input, object) => {
  const powers = polynomialPowers(object, input.width)
  const columns = powers.map((factors) => {
    const values = factors.map((column) => pick(flow, input, [column], object).value)
    if (values.length === 0) {
      const any = pick(flow, input, [0], object).value
      return flow.op('Add', [flow.op('Mul', [any, flow.scalar(0)]), flow.scalar(1)])
    }
    return values.reduce((all, value) => flow.op('Mul', [all, value]))
  })
  return { value: flow.op('Concat', columns, { axis: 1 }), width: columns.length }
}

const MOST_PRODUCTS = 5000

/** Which columns each product has, in scikit-learn's order. */
function polynomialPowers(object: PythonObject, width: number): number[][] {
  const degree = attribute(object, 'degree')
  const [least, most] = Array.isArray(degree) ? degree : [0, degree]
  if (typeof most !== 'number' || typeof least !== 'number') refuse(object, 'it has no degree')
  const alone = flagOf(object, 'interaction_only')
  const all: number[][] = flagOf(object, 'include_bias', true) ? [[]] : []
  let last: number[][] = [[]]
  for (let size = 1; size <= most; size += 1) {
    last = last.flatMap((factors) => {
      const start = factors.length === 0 ? 0 : factors.at(-1)! + (alone ? 1 : 0)
      return Array.from({ length: Math.max(0, width - start) }, (_, at) => [...factors, start + at])
    })
    if (all.length + last.length > MOST_PRODUCTS) refuse(object, 'it makes too many products')
    if (size >= least) all.push(...last)
  }
  return all
}

function less(flow: Flow, input: Block, value: string, object: PythonObject, name: string): string {
  return flow.op('Sub', [value, perFeature(flow, input, vectorOf(object, name), object)])
}

function over(flow: Flow, input: Block, value: string, object: PythonObject, name: string): string {
  return flow.op('Div', [value, perFeature(flow, input, vectorOf(object, name), object)])
}

export const SCALERS: Readonly<Record<string, Transformer>> = {
  StandardScaler: standard,
  RobustScaler: robust,
  MinMaxScaler: minMax,
  MaxAbsScaler: maxAbs,
  Normalizer: normalizer,
  Binarizer: binarizer,
  PCA: pca,
  IncrementalPCA: pca,
  TruncatedSVD: svd,
  PolynomialFeatures: polynomial,
  SelectFromModel: select,
  SelectKBest: select,
  SelectPercentile: select,
  VarianceThreshold: select,
}
