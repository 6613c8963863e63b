// A version that is ready to answer, wherever it runs. What the slot holds and the engine asks.

import type { Json } from '../json.ts'
import type { Manifest } from '../manifest.ts'
import type { Tensors } from '../tensor/tensor.ts'
import type { Rows } from './lane-protocol.ts'
import type { CallOptions } from './ticket.ts'

export interface Timings {
  /** Waiting for a lane, before decode and before the run together. */
  readonly queueMs: number
  /** In the lane, reading the file included; 0 for raw tensors. */
  readonly decodeMs: number
  /** Of the whole batch. */
  readonly inferenceMs: number
}

export interface Computed {
  /** This input's rows of every output. */
  readonly outputs: Tensors
  readonly extra: Json | undefined
  readonly timings: Timings
  /** Rows of the batch that it ran in. */
  readonly batchSize: number
}

export interface LoadedVersion {
  readonly manifest: Manifest
  predict(input: unknown, options: CallOptions): Promise<Computed>
  /** Raw tensors, without decode. */
  infer(rows: Rows, options: CallOptions): Promise<Computed>
  /** Frees its sessions; nothing is under way. */
  close(): Promise<void>
}
