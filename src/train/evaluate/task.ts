// What a service needs so that `duga evaluate` can judge a version of it on labelled data: a module that exports
// `evaluate: EvaluateTask`. It reads the data; the version is asked through the engine, exactly as when it serves.
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import type { EvaluationInput } from '../report/evaluation-input.ts'

export interface Asked {
  /** As the service's definition answers. */
  readonly answer: unknown
  /** By name, the rows of this input. */
  readonly outputs: Tensors
}

export interface EvaluateContext {
  readonly manifest: Manifest
  /** The version's files by role. */
  readonly paths: Readonly<Record<string, string>>
  /** `data` (a resolved path) and the service's own options that say how data is read. */
  readonly parameters: { readonly [key: string]: Json }
  /**
   * Asks the version; many may be under way at once.
   * @param input of the service: `{ path }` of a file, or a JSON body
   * @throws DugaError where this input cannot be decoded
   */
  ask(input: unknown): Promise<Asked>
  readonly signal: AbortSignal
  /** @param fraction 0..1 */
  progress(fraction: number, message: string): void
}

/**
 * Data with the version's answers to it: what a report is made of.
 * @throws DugaError training.* where the data cannot be used
 */
export type EvaluateTask = (context: EvaluateContext) => Promise<EvaluationInput>
