// The literal table of what can be converted: class → how.
import { BOOSTING } from './boosting.ts'
import { calibrated } from './calibrated.ts'
import { COMPOSED } from './compose.ts'
import { ENCODERS } from './encoders.ts'
import { ENSEMBLES } from './ensembles.ts'
import type { Converters } from './flow.ts'
import { FORESTS } from './forests.ts'
import { HISTOGRAM_BOOSTING } from './histogram-boosting.ts'
import { KERNELS } from './kernels.ts'
import { LINEAR } from './linear.ts'
import { CLUSTER_DISTANCES, NEIGHBOURS } from './neighbours.ts'
import { NETWORKS } from './networks.ts'
import { DISTRIBUTIONS } from './reshape-distribution.ts'
import { SCALERS } from './scale.ts'
import { STACKED } from './stacking.ts'

export const CONVERTERS: Converters = {
  transformers: {
    ...COMPOSED,
    ...SCALERS,
    ...ENCODERS,
    ...DISTRIBUTIONS,
    ...CLUSTER_DISTANCES,
  },
  predictors: {
    ...LINEAR,
    ...FORESTS,
    ...BOOSTING,
    ...HISTOGRAM_BOOSTING,
    ...ENSEMBLES,
    ...STACKED,
    ...KERNELS,
    ...NEIGHBOURS,
    ...NETWORKS,
    CalibratedClassifierCV: calibrated,
  },
}

export const isPredictor = (kind: string): boolean => Object.hasOwn(CONVERTERS.predictors, kind)
