// What a service's trainer is given and gives back. It runs in a process of its own; see jobs/.

import type { Json } from '../json.ts'
import type { Manifest } from '../manifest.ts'
import type { EvaluationInput } from './report/evaluation-input.ts'

export interface TrainContext {
  /** The version number reserved for the candidate. */
  readonly version: string
  /** What the call asked for: `data` (a resolved path), `replace`, `seed`, the recipe's own options. */
  readonly parameters: { readonly [key: string]: Json }
  /** The version that serves now, with the paths of its files by role; null where there is none. */
  readonly incumbent: {
    readonly manifest: Manifest
    readonly paths: Readonly<Record<string, string>>
  } | null
  /**
   * Folder of this job alone, empty at its start and kept until it is done: a job that was killed, or that failed and is
   * resumed, finds here what it wrote. A checkpoint goes where `checkpointFolder` says.
   */
  readonly checkpoints: string
  /** Folder that all jobs share, for what can be computed again; without it nothing outlives the job. */
  readonly cache?: string
  /** Processor threads that it may use; all where it is left out. */
  readonly threads?: number
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
  /** @param fraction 0..1 */
  progress(fraction: number, message: string): void
}

/** What a version needs besides its number: the registry hashes and stores the files. */
export interface Candidate {
  readonly manifest: Omit<
    Manifest,
    'format' | 'service' | 'version' | 'created' | 'parent' | 'files'
  >
  /** By role, with the file name of an export. */
  readonly files: Readonly<Record<string, { readonly name: string; readonly content: Uint8Array }>>
  /** Model card, Markdown. */
  readonly card: string
}

export interface TrainResult {
  readonly candidate: Candidate
  /** Whether the candidate may serve: it does not regress against the incumbent on the same held-out rows. */
  readonly gate: { readonly passed: boolean; readonly reason: string }
  /** What a person should know: merged labels, dropped rows, guesses. */
  readonly notices: readonly string[]
  /** Held-out rows with the candidate's answers: the job's report is made from them. */
  readonly evaluation?: EvaluationInput
}

/**
 * Trains a candidate. Deterministic for a seed; reports progress; stops soon after the signal is aborted.
 * @throws DugaError training.* where the data cannot be used
 */
export type TrainTask = (context: TrainContext) => Promise<TrainResult>
