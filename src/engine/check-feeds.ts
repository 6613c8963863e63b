// Checks tensors that a client sends against what the manifest says, so that a wrong shape is the client's error.
import { DugaError } from '../errors.ts'
import type { TensorSpec } from '../manifest.ts'
import type { Tensors } from '../tensor/tensor.ts'

/**
 * @returns the number of rows, equal in all inputs
 * @throws DugaError `input.invalid` for a missing, unknown or ill-shaped tensor
 */
export function checkFeeds(feeds: Tensors, specs: readonly TensorSpec[]): number {
  const known = new Set(specs.map(({ name }) => name))
  const unknown = Object.keys(feeds).find((name) => !known.has(name))
  if (unknown !== undefined) throw invalid(`the model has no input "${unknown}"`)
  let rows: number | null = null
  for (const spec of specs) {
    const own = checkTensor(feeds, spec)
    rows ??= own
    if (own !== rows) throw invalid(`"${spec.name}" has ${own} rows, others have ${rows}`)
  }
  if (rows === null) throw invalid('the model has no inputs')
  return rows
}

function checkTensor(feeds: Tensors, { name, type, shape }: TensorSpec): number {
  const tensor = Object.hasOwn(feeds, name) ? feeds[name] : undefined
  if (tensor === undefined) throw invalid(`the input "${name}" is missing`)
  const { dims, data } = tensor
  if (tensor.type !== type) throw invalid(`"${name}" is ${tensor.type} instead of ${type}`)
  const fits = dims.length === shape.length && dims.every((n, axis) => fitsAxis(n, axis, shape))
  if (!fits) {
    const wanted = shape.map((n, axis) => (axis === 0 ? 'rows' : (n ?? 'any'))).join(', ')
    throw invalid(`"${name}" has the shape [${dims.join(', ')}] instead of [${wanted}]`)
  }
  const length = dims.reduce((a, b) => a * b, 1)
  if (data.length !== length) throw invalid(`"${name}" has ${data.length} elements, not ${length}`)
  return dims[0]!
}

function fitsAxis(n: number, axis: number, shape: TensorSpec['shape']): boolean {
  if (!Number.isInteger(n) || n < 1) return false
  return axis === 0 || shape[axis] === null || shape[axis] === n
}

function invalid(reason: string): DugaError {
  return new DugaError('input.invalid', { reason })
}
