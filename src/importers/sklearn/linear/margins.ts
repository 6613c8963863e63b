// The weights of linear models: one row a class, or one row in all where there are two classes.
import { type Matrix, matrixOf, refuse, vectorOf } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'

export interface Margins {
  /** [columns, features] */
  readonly weights: Matrix
  /** A column each. */
  readonly biases: Float64Array
}

export function marginsOf(object: PythonObject): Margins {
  const weights = matrixOf(object, 'coef_')
  return { weights, biases: biasesOf(object, weights.rows) }
}

/** `intercept_`: one a column, or 0.0 for all where none was fitted. */
export function biasesOf(object: PythonObject, columns: number): Float64Array {
  const given = vectorOf(object, 'intercept_')
  if (given.length === columns) return given
  if (given.length === 1) return new Float64Array(columns).fill(given[0]!)
  return refuse(object, `it has ${given.length} intercepts for ${columns} rows of weights`)
}

/** @throws DugaError where the rows are not as many as the classes ask for */
export function checkColumns(object: PythonObject, columns: number, classes: number): void {
  if (columns !== (classes === 2 ? 1 : classes)) {
    refuse(object, `it has ${columns} rows of weights for ${classes} classes`)
  }
}
