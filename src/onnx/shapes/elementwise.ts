// Shapes of operators that work element by element, with broadcasting.

import type { TensorType } from '../../tensor/tensor.ts'
import { tensorTypeOf } from '../tensor-proto.ts'
import { broadcastShapes, type ShapeContext, type ShapeRule, type Value } from './rule.ts'

const same: ShapeRule = (context) => {
  const { type, shape } = context.input(0)
  return context.node.output.map(() => ({ type, shape }))
}

const broadcast: ShapeRule = (context) => [
  { type: context.input(0).type, shape: broadcastAll(context, context.inputs) },
]

const compare: ShapeRule = (context) => [
  { type: 'bool', shape: broadcastAll(context, context.inputs) },
]

export const elementwiseShapes: Readonly<Record<string, ShapeRule>> = {
  ...table(same, [
    'Abs',
    'Celu',
    'Ceil',
    'Clip',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'Gelu',
    'HardSigmoid',
    'HardSwish',
    'Identity',
    'LeakyRelu',
    'Log',
    'LogSoftmax',
    'LRN',
    'Mish',
    'Neg',
    'Not',
    'PRelu',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
    'Sigmoid',
    'Sign',
    'Softmax',
    'Softplus',
    'Softsign',
    'Sqrt',
    'Tanh',
    'ThresholdedRelu',
    'Cos',
    'Sin',
    'CumSum',
  ]),
  ...table(broadcast, ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Mod', 'Min', 'Max', 'Sum', 'Mean']),
  ...table(compare, ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']),
  ...table(compare, ['And', 'Or', 'Xor']),
  IsNaN: (context) => [{ type: 'bool', shape: context.input(0).shape }],
  IsInf: (context) => [{ type: 'bool', shape: context.input(0).shape }],
  Cast: (context) => {
    const type = tensorTypeOf(context.int('to', 0))
    if (type === undefined) return context.fail('its values are of half precision or no numbers')
    return [{ type, shape: context.input(0).shape }]
  },
  Dropout: (context) => {
    const { type, shape } = context.input(0)
    return [
      { type, shape },
      { type: 'bool' as TensorType, shape },
    ].slice(0, context.node.output.length)
  },
  Where: (context) => [
    { type: context.input(1).type, shape: broadcastAll(context, context.inputs) },
  ],
}

function broadcastAll(
  context: ShapeContext,
  values: readonly (Value | undefined)[],
): readonly number[] {
  let shape: readonly number[] = []
  for (const value of values) {
    const next = broadcastShapes(shape, value?.shape ?? [])
    if (next === undefined) {
      return context.fail(`shapes [${shape}] and [${value?.shape}] do not fit`)
    }
    shape = next
  }
  return shape
}

function table(rule: ShapeRule, names: readonly string[]): Record<string, ShapeRule> {
  return Object.fromEntries(names.map((name) => [name, rule]))
}
