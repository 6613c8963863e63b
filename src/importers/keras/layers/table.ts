// Keras' layers by class name → what builds them.
import type { Emit } from '../layer-call.ts'
import { ATTENTION } from './attention.ts'
import { CONV_LSTM } from './conv-lstm.ts'
import { CONVOLUTIONS } from './convolve.ts'
import { DENSE } from './dense.ts'
import { LOOKUP_LAYERS } from './lookup.ts'
import { MERGES } from './merge.ts'
import { NORMALISATIONS } from './normalise.ts'
import { POOLING } from './pool.ts'
import { RECURRENT } from './recurrent.ts'
import { RESHAPES } from './reshape.ts'
import { SIMPLE } from './simple.ts'
import { WRAPPERS } from './wrap.ts'

export const LAYERS: Readonly<Record<string, Emit>> = {
  ...SIMPLE,
  ...DENSE,
  ...CONVOLUTIONS,
  ...POOLING,
  ...NORMALISATIONS,
  ...RESHAPES,
  ...MERGES,
  ...RECURRENT,
  ...WRAPPERS,
  ...ATTENTION,
  ...CONV_LSTM,
  ...LOOKUP_LAYERS,
}

/** Layers that can take a normalisation behind them into their weights. */
export const FOLDING_KINDS: ReadonlySet<string> = new Set([...Object.keys(CONVOLUTIONS), 'Dense'])
