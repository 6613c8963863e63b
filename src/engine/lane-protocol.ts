// What the main thread and a lane say to each other, and how errors and tensors cross. Types and conversions only.
import { DugaError, type ErrorCode } from '../errors.ts'
import type { VersionFiles } from '../manifest.ts'
import type { Tensors } from '../tensor/tensor.ts'
import type { Decoded } from './service.ts'

/** A version under the name that the lanes know it by; the same version may be open twice during a swap. */
export interface VersionSpec {
  readonly key: string
  readonly files: VersionFiles
  /** URL of the module that exports `decode`. */
  readonly decoder: string
  readonly input: 'file' | 'json'
}

/** Rows that are batched together, or with others'. */
export interface Rows {
  readonly rows: number
  readonly feeds: Tensors
}

export type RowsOutcome =
  | { readonly ok: true; readonly outputs: Tensors }
  | { readonly ok: false; readonly error: WireError }

export type LaneRequest =
  | { readonly type: 'load'; readonly spec: VersionSpec }
  | { readonly type: 'unload'; readonly key: string }
  | { readonly type: 'decode'; readonly key: string; readonly input: unknown }
  | { readonly type: 'run'; readonly key: string; readonly items: readonly Rows[] }

export interface LaneResults {
  load: undefined
  unload: undefined
  decode: Decoded
  run: readonly RowsOutcome[]
}

export type LaneReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly value: LaneResults[LaneRequest['type']]; readonly ms: number }
  | { readonly type: 'failed'; readonly error: WireError; readonly ms: number }

export interface LaneSetup {
  /** Modules to import before the thread is ready. */
  readonly decoders: readonly string[]
  readonly guard: Int32Array<SharedArrayBuffer>
  readonly threads: number
}

/** An error as it crosses threads: structured clone would lose its class, code and parameters. */
export interface WireError {
  readonly code: ErrorCode | null
  readonly parameters: Readonly<Record<string, string | number>>
  readonly retryAfter: number | undefined
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause: WireError | null
}

export function toWireError(error: unknown): WireError {
  const known = error instanceof DugaError ? error : null
  const plain = error instanceof Error ? error : new Error(String(error))
  return {
    code: known?.code ?? null,
    parameters: known?.parameters ?? {},
    retryAfter: known?.retryAfter,
    name: plain.name,
    message: plain.message,
    stack: plain.stack,
    cause: plain.cause === undefined ? null : toWireError(plain.cause),
  }
}

export function fromWireError(wire: WireError): Error {
  const cause = wire.cause === null ? undefined : fromWireError(wire.cause)
  const error =
    wire.code === null
      ? new Error(wire.message, { cause })
      : new DugaError(wire.code, wire.parameters, {
          cause,
          ...(wire.retryAfter === undefined ? {} : { retryAfter: wire.retryAfter }),
        })
  error.name = wire.name
  if (wire.stack !== undefined) error.stack = wire.stack
  return error
}

/**
 * The same tensors with every array the sole owner of its buffer, and those buffers as a transfer list. An array that
 * already fills its buffer is not copied; the sender's is detached.
 */
export function toTransfer(tensors: Tensors, transfer: Set<ArrayBuffer>): Tensors {
  const owned: Record<string, Tensors[string]> = {}
  for (const [name, tensor] of Object.entries(tensors)) {
    const { data } = tensor
    const whole =
      data.buffer instanceof ArrayBuffer &&
      data.byteLength === data.buffer.byteLength &&
      !transfer.has(data.buffer)
    const own = whole ? tensor : { ...tensor, data: data.slice() }
    transfer.add(own.data.buffer as ArrayBuffer)
    owned[name] = own
  }
  return owned
}
