// What a loader's thread calls for each row. A module that exports `createPrepare` says how a row becomes tensors.
import type { Tensors } from '../../tensor/tensor.ts'
import type { Draw } from '../augment/counter-random.ts'
import type { FileRow } from './row.ts'

/** What a thread is told of a row. */
export type LoaderRow = Pick<FileRow, 'id' | 'path' | 'contentHash'>

/**
 * One row's inputs, each tensor with a first dimension of 1 and the same shape for every row. Random numbers come from
 * `draw` alone. A DugaError leaves the row out; anything else ends the loading.
 */
export type Prepare = (row: LoaderRow, draw: Draw) => Promise<Tensors>

/** A module that a thread loads; `setup` has crossed threads as plain data. */
export interface PrepareModule<Setup> {
  readonly createPrepare: (setup: Setup) => Prepare | Promise<Prepare>
}
