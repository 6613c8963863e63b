// The table of operators that can be trained through: operator → gradient rule, a file a family.

import { activationGradients } from './activations.ts'
import { convolutionGradients } from './convolution.ts'
import { elementwiseGradients } from './elementwise.ts'
import { gatherGradients } from './gather.ts'
import { layoutGradients } from './layout.ts'
import { linearGradients } from './linear.ts'
import { normalisationGradients } from './normalisation.ts'
import { poolingGradients } from './pooling.ts'
import { reductionGradients } from './reductions.ts'
import type { GradientRule } from './rule.ts'

export const gradients: Readonly<Record<string, GradientRule>> = {
  ...linearGradients,
  ...convolutionGradients,
  ...poolingGradients,
  ...normalisationGradients,
  ...activationGradients,
  ...elementwiseGradients,
  ...reductionGradients,
  ...layoutGradients,
  ...gatherGradients,
}
