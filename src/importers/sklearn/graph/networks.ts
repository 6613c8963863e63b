// MLPClassifier and MLPRegressor.

import { NumpyArray } from '../../numpy/array.ts'
import { listOf, refuse, textOf, toFloats } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import { argMax, labelOf, withFirst } from './class-scores.ts'
import type { Block, Flow, Predictor } from './flow.ts'
import { sigmoid } from './linear.ts'

/** Up to and with the last layer's activation. */
function forward(flow: Flow, input: Block, object: PythonObject): Block {
  const coefs = arraysOf(object, 'coefs_')
  const intercepts = arraysOf(object, 'intercepts_')
  if (coefs.length !== intercepts.length) refuse(object, 'its layers are damaged')
  let block = input
  for (const [at, layer] of coefs.entries()) {
    const [rows, columns] = layer.shape as [number, number]
    const biases = toFloats(intercepts[at]!)
    if (rows !== block.width || biases.length !== columns) refuse(object, 'its layers do not fit')
    const turned = flow.op('MatMul', [block.value, flow.constant(toFloats(layer), [rows, columns])])
    const summed = flow.op('Add', [turned, flow.constant(biases, [1, columns])])
    const last = at === coefs.length - 1
    const name = textOf(object, last ? 'out_activation_' : 'activation')
    block = { value: activate(flow, summed, name, object), width: columns }
  }
  return block
}

function activate(flow: Flow, value: string, name: string, object: PythonObject): string {
  if (name === 'identity') return value
  if (name === 'relu') return flow.op('Relu', [value])
  if (name === 'tanh') return flow.op('Tanh', [value])
  if (name === 'logistic') return sigmoid(flow, value)
  if (name === 'softmax') return flow.op('Softmax', [value], { axis: 1 })
  return refuse(object, `its activation ${name} is not read`)
}

function arraysOf(object: PythonObject, name: string): readonly NumpyArray[] {
  const arrays = listOf(object, name)
  const valid = arrays.every((array) => array instanceof NumpyArray)
  return valid && arrays.length > 0 ? arrays : refuse(object, `its ${name} are no arrays`)
}

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const out = forward(flow, input, object)
  if (out.width !== (classes.length === 2 ? 1 : classes.length)) {
    refuse(object, 'it answers with more than one label')
  }
  if (out.width === 1) {
    const label = labelOf(flow, out, 0.5)
    return { classes, probabilities: withFirst(flow, out.value), label }
  }
  return { classes, probabilities: out.value, label: argMax(flow, out.value) }
}

const regress: Predictor = (flow, input, object) => ({
  classes: null,
  values: forward(flow, input, object),
})

export const NETWORKS: Readonly<Record<string, Predictor>> = {
  MLPClassifier: classify,
  MLPRegressor: regress,
}
