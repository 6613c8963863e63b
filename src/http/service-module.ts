// What the service table holds of each service: its definition, the routes of its old API, how it is trained.
import type { DropInFile } from '../commands/find-drop-in.ts'
import type { ServiceDefinition } from '../engine/service.ts'
import type { Stores } from '../store/stores.ts'
import type { TrainOption } from '../train/options.ts'
import type { Contract } from './kit.ts'

export interface ServiceModule<Input = unknown, Answer = unknown> {
  readonly definition: ServiceDefinition<Input, Answer>
  readonly contract: Contract<Input, Answer>
  /** Its title in Indonesian; default: the English one of the definition. */
  readonly indonesian?: string
  /** Whether `GET /` of the contract is a page for people. */
  readonly page?: boolean
  /** Routes that the old API has at the root of the host and that stay there when it is mounted. */
  readonly rootRoutes?: Contract<Input, Answer>
  /** `client`: predictions need a client's token, in the Open Inference Protocol too. */
  readonly access: 'public' | 'client'
  /** Deletes what the service keeps outside the history and is older than an instant (ms since the Unix epoch). */
  readonly deleteExpired?: (
    parts: { readonly stores: Stores; readonly home: string },
    before: number,
  ) => Promise<void>
  /** Module that exports `train: TrainTask`, run by a job in a process of its own; see `moduleUrl`. */
  readonly trainer?: URL
  /** Module that exports `evaluate: EvaluateTask`: how a version is judged on labelled data. */
  readonly evaluator?: URL
  /** Module that exports `adopt: Adopt`: how a model that was trained elsewhere becomes a version. */
  readonly adopter?: URL
  /** The files of a user's own model, as the old back end had them, imported at the start of a server. */
  readonly dropIn?: readonly DropInFile[]
  /** What its training takes besides the common options. */
  readonly trainOptions?: readonly TrainOption[]
}

/** Lets services of different inputs and answers stand in one table; each is only ever fed its own. */
export function toServiceModule<Input, Answer>(
  module: ServiceModule<Input, Answer>,
): ServiceModule {
  return module as unknown as ServiceModule
}
