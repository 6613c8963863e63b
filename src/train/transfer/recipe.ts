// How a picture classifier is made of a frozen network: the contract's recipe, on features that are computed once.

import type { FitRecipe } from './fit.ts'
import type { HeadOptions } from './head.ts'

export interface TransferRecipe {
  readonly head: Omit<HeadOptions, 'classes' | 'random'>
  /** Of the head on the frozen network. */
  readonly first: FitRecipe
  /** Of the last stages, where any are thawed. */
  readonly second: FitRecipe
  /** Augmented views of each training row, besides the row as it is. */
  readonly views: number
  /** Stages that are thawed. */
  readonly unfreeze: number
}

/** Dense 512, Relu, batch normalisation, dropout; Adam, stopped by the validation loss, rate halved on plateaus of accuracy. */
export const TRANSFER_RECIPE: TransferRecipe = {
  head: { hidden: 512, normalise: 0.9, dropout: 0.5 },
  first: {
    ...{ batch: 32, epochs: 50, labelSmoothing: 0 },
    earlyStopping: { patience: 10 },
    reduceOnPlateau: {
      monitor: 'val_accuracy',
      mode: 'max',
      factor: 0.5,
      patience: 5,
      floor: 0.05,
    },
    ...{ learningRate: 1e-3, schedule: 'constant' },
  },
  second: {
    ...{ batch: 16, epochs: 12, labelSmoothing: 0.05 },
    earlyStopping: { patience: 4 },
    ...{ learningRate: 5e-4, schedule: 'cosine' },
  },
  views: 3,
  unfreeze: 0,
}

/** What a call may change. */
export type FitNumbers = Pick<FitRecipe, 'batch' | 'epochs' | 'learningRate' | 'earlyStopping'>

export interface NotebookRecipe extends FitNumbers, Pick<TransferRecipe, 'head'> {
  readonly reduceOnPlateau: NonNullable<FitRecipe['reduceOnPlateau']>
}

/** Contract 3's notebook. */
export const NOTEBOOK_RECIPE: NotebookRecipe = {
  head: { hidden: 512, normalise: 0.99, dropout: 0.5 },
  batch: 32,
  epochs: 50,
  learningRate: 1e-4,
  earlyStopping: { patience: 10 },
  /** Down to 1e-5. */
  reduceOnPlateau: { monitor: 'val_accuracy', mode: 'max', factor: 0.5, patience: 5, floor: 0.1 },
}
