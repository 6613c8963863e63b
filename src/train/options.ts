// What a call may ask of a training besides its data: one table for the command line (`--batch-size`), `/manage`
// (`batch_size`) and the recipes. Which service takes which stands in the table of services.
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'

interface OptionEntry {
  /** JSON Schema; a boolean is a flag on the command line. */
  readonly type: 'integer' | 'number' | 'boolean' | 'string'
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly string[]
  readonly description: string
}

const column = { type: 'string', minLength: 1, maxLength: 200 } as const

export const TRAIN_OPTIONS = {
  seed: {
    ...{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    description: 'seed of everything that is random; 42 where it is not given',
  },
  force: {
    type: 'boolean',
    description: 'let the new version serve even where the gate finds it worse; it is recorded',
  },
  replace: {
    type: 'boolean',
    description: 'product: start afresh instead of adding to the rows of the current version',
  },
  epochs: {
    ...{ type: 'integer', minimum: 1, maximum: 100_000 },
    description: 'most passes over the training rows',
  },
  batch_size: {
    ...{ type: 'integer', minimum: 1, maximum: 4096 },
    description: 'rows of a training step',
  },
  learning_rate: {
    ...{ type: 'number', exclusiveMinimum: 0, maximum: 10 },
    description: 'highest learning rate of the optimiser',
  },
  patience: {
    ...{ type: 'integer', minimum: 1, maximum: 100_000 },
    description: 'passes without a better validation figure after which it ends',
  },
  name_column: { ...column, description: 'product: the column with the names' },
  category_column: { ...column, description: 'product: the column with the categories' },
  views: {
    ...{ type: 'integer', minimum: 0, maximum: 20 },
    description: 'dog, face: augmented views of each picture that are computed and kept',
  },
  unfreeze: {
    ...{ type: 'integer', minimum: 0, maximum: 5 },
    description: 'dog, face: last stages of the network that are trained too',
  },
  recipe: {
    ...{ type: 'string', enum: ['resnet50v2-notebook'] },
    description:
      'dog: resnet50v2-notebook trains as the old notebook did, with fresh augmentation each epoch (slow)',
  },
  backbone: {
    ...{ type: 'string', minLength: 1, maxLength: 4096 },
    description: 'dog: ONNX file of the network to learn from, in place of the bundled one',
  },
  architecture: {
    ...{ type: 'string', enum: ['dense', 'convolutional', 'lstm'] },
    description:
      'vibration: dense rebuilds features of a window (default), convolutional and lstm its points',
  },
  normal: { ...column, description: 'vibration: the state of rows that are as they should be' },
} as const satisfies Readonly<Record<string, OptionEntry>>

/** Options that are paths: resolved and, over HTTP, confined as `data` is. */
export const PATH_OPTIONS: readonly TrainOption[] = ['backbone']

export type TrainOption = keyof typeof TRAIN_OPTIONS

/** Any training takes these. */
export const COMMON_OPTIONS: readonly TrainOption[] = ['seed', 'force']

/**
 * Refuses an option that the service does not have, and a value that it cannot be.
 * @throws DugaError training.option
 */
export function checkOptions(
  service: string,
  own: readonly TrainOption[],
  given: { readonly [key: string]: Json },
): void {
  const allowed: readonly string[] = [...COMMON_OPTIONS, ...own]
  for (const [option, value] of Object.entries(given)) {
    if (!allowed.includes(option)) {
      const reason = `a training of ${service} takes ${allowed.join(', ')}`
      throw new DugaError('training.option', { option, reason })
    }
    const reason = refusal(TRAIN_OPTIONS[option as TrainOption], value)
    if (reason !== null) throw new DugaError('training.option', { option, reason })
  }
}

function refusal(entry: OptionEntry, value: Json): string | null {
  const { type, minimum, exclusiveMinimum, maximum, minLength = 0, maxLength = 0 } = entry
  if (entry.enum !== undefined) {
    return entry.enum.includes(value as string) ? null : `it is one of ${entry.enum.join(', ')}`
  }
  if (type === 'boolean') return typeof value === 'boolean' ? null : 'it is true or false'
  if (type === 'string') {
    const fits =
      typeof value === 'string' && value.trim().length >= minLength && value.length <= maxLength
    return fits ? null : `it is a text of ${minLength} to ${maxLength} characters`
  }
  const fits =
    typeof value === 'number' &&
    (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= (minimum ?? Number.NEGATIVE_INFINITY) &&
    value > (exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (maximum ?? Number.POSITIVE_INFINITY)
  if (fits) return null
  const least = minimum === undefined ? `above ${exclusiveMinimum}` : `from ${minimum}`
  return `it is ${type === 'integer' ? 'a whole number' : 'a number'} ${least} to ${maximum}`
}

/** The numbers that were given, under the names of a recipe; what was not given is left to the recipe. */
export function recipeNumbers(parameters: { readonly [key: string]: Json }): {
  readonly epochs?: number
  readonly batch?: number
  readonly learningRate?: number
  readonly patience?: number
} {
  const { epochs, batch_size: batch, learning_rate: learningRate, patience } = parameters
  const numbers = { epochs, batch, learningRate, patience }
  return Object.fromEntries(
    Object.entries(numbers).filter(([, value]) => typeof value === 'number'),
  )
}

const SEED = 42

export function seedOf({ seed }: { readonly [key: string]: Json }): number {
  return typeof seed === 'number' ? seed : SEED
}
