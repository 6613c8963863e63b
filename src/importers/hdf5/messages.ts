// What the thread that reads HDF5 is told and what it answers. No code.
import type { Tensor } from '../../tensor/tensor.ts'

export interface Hdf5Request {
  /** The file that holds the HDF5 file: as a whole, or `length` bytes of it from `start` on. */
  readonly path: string
  readonly start: number
  readonly length: number
  /** Groups at the root that are not wanted, such as an optimiser's state. */
  readonly skip: readonly string[]
  /** Most bytes of all datasets together. */
  readonly mostBytes: number
}

/** Attributes that are text or lists of texts; others are not read. */
export type Hdf5Attributes = Readonly<Record<string, string | readonly string[]>>

export interface Hdf5Content {
  /** By the path of the group or dataset, without a slash in front; the root is `''`. */
  readonly attributes: ReadonlyMap<string, Hdf5Attributes>
  /** By path. Half precision (and bfloat16) comes as float32. */
  readonly tensors: Map<string, Tensor>
  /** Datasets of text, by path. */
  readonly texts: ReadonlyMap<string, readonly string[]>
}

export type Hdf5Reply =
  | { readonly ok: true; readonly content: Hdf5Content }
  | { readonly ok: false; readonly reason: string }
