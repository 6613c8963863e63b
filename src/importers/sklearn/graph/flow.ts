// A graph in the making: float64 throughout, as scikit-learn computes, rows by features. What steps are converted with.
import { DugaError } from '../../../errors.ts'
import type { Attributes } from '../../../onnx/attribute.ts'
import { createGraph, type GraphBuilder } from '../../../onnx/graph.ts'
import { DATA_TYPE } from '../../../onnx/proto.ts'
import type { TensorType } from '../../../tensor/tensor.ts'
import { type Matrix, refuse } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'

/** A value float64 [N, width]. */
export interface Block {
  readonly value: string
  readonly width: number
}

export interface Prediction {
  /** Class names by index; null where nothing is classified. */
  readonly classes: readonly string[] | null
  /** float64 [N, classes], as predict_proba. */
  readonly probabilities?: string
  /** float64 [N, columns], as decision_function (one column for two classes). */
  readonly scores?: Block
  /** float64 [N, columns], as predict of a regressor. */
  readonly values?: Block
  /** int64 [N]: index of the class; cluster; -1 and 1 of outlier detectors. */
  readonly label?: string
}

export interface Flow {
  readonly graph: GraphBuilder
  op(op: string, inputs: readonly string[], attributes?: Attributes): string
  /** float64 constant. */
  constant(values: ArrayLike<number>, dims: readonly number[]): string
  scalar(value: number): string
  /** int64 constant of one dimension. */
  whole(values: readonly number[]): string
  cast(value: string, type: TensorType): string
  /** Steps of any class that is known; they may hold others. @throws DugaError */
  transform(input: Block, object: PythonObject): Block
  predict(input: Block, object: PythonObject): Prediction
  /** What was learnt, in numbers. */
  parameters(): number
}

export type Transformer = (flow: Flow, input: Block, object: PythonObject) => Block
export type Predictor = (flow: Flow, input: Block, object: PythonObject) => Prediction

export interface Converters {
  readonly transformers: Readonly<Record<string, Transformer>>
  readonly predictors: Readonly<Record<string, Predictor>>
}

/** What a hostile file may ask for by naming one object many times. */
const MOST_CALLS = 5000
const DEEPEST = 30
const MOST_NUMBERS = 256 * 1024 * 1024

/** @param prefix of all names, for a graph that lies within another */
export function createFlow({ transformers, predictors }: Converters, prefix = ''): Flow {
  const graph = createGraph('scikit-learn')
  let [numbers, calls, depth] = [0, 0, 0]
  const scalars = new Map<number, string>()
  const count = (size: number): void => {
    numbers += size
    if (numbers <= MOST_NUMBERS) return
    const reason = `the model has more than ${MOST_NUMBERS} weights`
    throw new DugaError('model.unreadable', { reason })
  }
  const enter = <Result>(object: PythonObject, work: () => Result): Result => {
    calls += 1
    depth += 1
    if (calls > MOST_CALLS || depth > DEEPEST) {
      refuse(object, 'the model has more parts than anyone would write')
    }
    const result = work()
    depth -= 1
    return result
  }
  const flow: Flow = {
    graph,
    op: (op, inputs, attributes) =>
      graph.node(op, inputs, attributes, { name: prefix + op.toLowerCase() }),
    constant: (values, dims) => {
      count(values.length)
      const data = Float64Array.from(values)
      return graph.initializer(`${prefix}constant`, { type: 'float64', dims, data })
    },
    scalar: (value) => {
      const known = scalars.get(value)
      if (known !== undefined) return known
      const data = Float64Array.of(value)
      const made = graph.initializer(`${prefix}scalar`, { type: 'float64', dims: [], data })
      scalars.set(value, made)
      return made
    },
    whole: (values) => {
      const data = BigInt64Array.from(values, BigInt)
      return graph.initializer(`${prefix}whole`, { type: 'int64', dims: [values.length], data })
    },
    cast: (value, type) => flow.op('Cast', [value], { to: DATA_TYPE[type] }),
    transform: (input, object) => {
      const convert = own(transformers, object.kind)
      if (convert === undefined) refuse(object, 'it is no step that is known')
      return enter(object, () => convert(flow, input, object))
    },
    predict: (input, object) => {
      const convert = own(predictors, object.kind)
      if (convert === undefined) refuse(object, 'it is no model that is known')
      return enter(object, () => convert(flow, input, object))
    },
    parameters: () => numbers,
  }
  return flow
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Row vector over the features. @throws DugaError where there is not one a feature */
export function perFeature(
  flow: Flow,
  input: Block,
  values: Float64Array,
  object: PythonObject,
): string {
  if (values.length !== input.width) {
    refuse(object, `it was fitted on ${values.length} features, and gets ${input.width}`)
  }
  return flow.constant(values, [1, values.length])
}

/** input · matrixᵀ + biases: a row of the matrix makes a column. */
export function product(
  flow: Flow,
  input: Block,
  matrix: Matrix,
  biases: ArrayLike<number> | null,
  object: PythonObject,
): Block {
  const { rows, columns, data } = matrix
  if (columns !== input.width) {
    refuse(object, `it was fitted on ${columns} features, and gets ${input.width}`)
  }
  const turned = new Float64Array(data.length)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      turned[column * rows + row] = data[row * columns + column]!
    }
  }
  const multiplied = flow.op('MatMul', [input.value, flow.constant(turned, [columns, rows])])
  if (biases === null) return { value: multiplied, width: rows }
  if (biases.length !== rows) refuse(object, 'it has not one intercept a column')
  return { value: flow.op('Add', [multiplied, flow.constant(biases, [1, rows])]), width: rows }
}

/** Blocks side by side. */
export function concatenate(flow: Flow, blocks: readonly Block[]): Block {
  if (blocks.length === 1) return blocks[0]!
  const value = flow.op(
    'Concat',
    blocks.map((block) => block.value),
    { axis: 1 },
  )
  return { value, width: blocks.reduce((sum, block) => sum + block.width, 0) }
}

/** Some columns, in the order given. */
export function pick(
  flow: Flow,
  input: Block,
  columns: readonly number[],
  object: PythonObject,
): Block {
  if (columns.some((column) => !(column >= 0 && column < input.width))) {
    refuse(object, `it takes a column that is not among the ${input.width}`)
  }
  const value = flow.op('Gather', [input.value, flow.whole(columns)], { axis: 1 })
  return { value, width: columns.length }
}
