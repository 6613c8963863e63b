// A sparse matrix in compressed rows, as SciPy's csr_matrix. Only what the linear models here need.
import type { SparseRow } from '../tensor/text/tfidf.ts'

export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** [rows + 1]: where each row starts in `ids` and `values`. */
  readonly starts: Int32Array
  readonly ids: Int32Array
  readonly values: Float64Array
}

/** @param columns number of features */
export function toSparseMatrix(rows: readonly SparseRow[], columns: number): SparseMatrix {
  const starts = new Int32Array(rows.length + 1)
  for (const [i, row] of rows.entries()) starts[i + 1] = starts[i]! + row.ids.length
  const ids = new Int32Array(starts[rows.length]!)
  const values = new Float64Array(ids.length)
  for (const [i, row] of rows.entries()) {
    ids.set(row.ids, starts[i]!)
    values.set(row.values, starts[i]!)
  }
  return { rows: rows.length, columns, starts, ids, values }
}

/** The rows of the given indices, in their order. */
export function selectRows(matrix: SparseMatrix, indices: ArrayLike<number>): SparseMatrix {
  const rows: SparseRow[] = Array.from(indices, (index) => {
    const [start, end] = [matrix.starts[index], matrix.starts[index + 1]]
    return { ids: matrix.ids.subarray(start, end), values: matrix.values.subarray(start, end) }
  })
  return toSparseMatrix(rows, matrix.columns)
}
