// How a service takes in models that were read from a user's files: what its decode and answer have to know of them. The
// type of the modules that services name as `adopter`; no code but the checks that several of them make.
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { ImportedModel } from './import-files.ts'

export interface AdoptRequest {
  /** One an importer; most services take one. */
  readonly models: readonly ImportedModel[]
  /** Class names that the user gave, by output index. */
  readonly labels: readonly string[] | null
  /** `--set key=value`, for what the files do not say. Keys that the service does not ask for end up in `decode`. */
  readonly settings: Readonly<Record<string, Json>>
}

export interface Adopted {
  /** The model whose graph serves. */
  readonly model: ImportedModel
  readonly labels: readonly string[] | null
  readonly decode: { readonly [key: string]: Json }
  readonly answer: { readonly [key: string]: Json }
  readonly files: ImportedModel['files']
  /** Most rows of one run; 1 where the graph fixes its batch. */
  readonly maxBatch: number
  /** A sentence for each guess. */
  readonly notices: readonly string[]
}

/** @throws DugaError model.unfit; TypeError of the service's own reader of manifests */
export type Adopt = (request: AdoptRequest) => Adopted | Promise<Adopted>

export function unfit(service: string, reason: string): DugaError {
  return new DugaError('model.unfit', { service, reason })
}

/** @throws DugaError model.unfit where there is not exactly one */
export function onlyModel(service: string, models: readonly ImportedModel[]): ImportedModel {
  if (models.length === 1) return models[0]!
  throw unfit(service, `the files hold ${models.length} models, and it takes one`)
}

/** How many numbers a row of the first output has. @throws DugaError model.unfit */
export function classesOf(service: string, { outputs }: ImportedModel): number {
  const [output] = outputs
  const classes = output?.shape.length === 2 ? output.shape[1] : null
  if (classes !== null && classes !== undefined) return classes
  throw unfit(
    service,
    `its first output is [${output?.shape.join(', ') ?? ''}], not one row of scores`,
  )
}

/** The names, as many as there are classes. @throws DugaError model.unfit */
export function checkLabels(
  service: string,
  labels: readonly string[] | null,
  classes: number,
): readonly string[] {
  if (labels === null) {
    throw unfit(service, `it has ${classes} classes without names; give them with --labels`)
  }
  if (labels.length === classes) return labels
  throw unfit(service, `it has ${classes} classes, and ${labels.length} names are given`)
}
