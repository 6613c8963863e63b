// What a call asks of a dog training → the recipe, its numbers for the manifest and the report, and it in words.
import type { Json } from '../../json.ts'
import { recipeNumbers } from '../../train/options.ts'
import type { TrainContext } from '../../train/task.ts'
import {
  type FitNumbers,
  NOTEBOOK_RECIPE,
  type NotebookRecipe,
  TRANSFER_RECIPE,
  type TransferRecipe,
} from '../../train/transfer/recipe.ts'

type Recipe =
  | { readonly kind: 'notebook'; readonly recipe: NotebookRecipe }
  | { readonly kind: 'transfer'; readonly recipe: TransferRecipe }

export type Plan = Recipe & {
  readonly numbers: { readonly [key: string]: Json }
  /** @param network its name */
  describe(network: string): string
}

export function toPlan(parameters: TrainContext['parameters']): Plan {
  if (parameters.recipe === 'resnet50v2-notebook') {
    const recipe = { ...NOTEBOOK_RECIPE, ...asked(parameters, NOTEBOOK_RECIPE) }
    const describe = (network: string) =>
      `The notebook's recipe: a new head (${layersOf(recipe)}) on all planes of the frozen network ${network}, every picture ` +
      'augmented anew in every epoch.'
    return {
      ...{ kind: 'notebook', recipe, describe },
      numbers: { recipe: 'resnet50v2-notebook', ...numbersOf(recipe) },
    }
  }
  const { first, second } = TRANSFER_RECIPE
  const count = (value: unknown, usual: number) => (typeof value === 'number' ? value : usual)
  const recipe: TransferRecipe = {
    ...{ ...TRANSFER_RECIPE, first: { ...first, ...asked(parameters, first) } },
    views: count(parameters.views, TRANSFER_RECIPE.views),
    unfreeze: count(parameters.unfreeze, TRANSFER_RECIPE.unfreeze),
  }
  const { views, unfreeze } = recipe
  const stages = unfreeze === 1 ? 'stage' : `${unfreeze} stages`
  const thawed = unfreeze === 0 ? '' : `, then its last ${stages} at a lower rate`
  return {
    ...{ kind: 'transfer', recipe },
    numbers: {
      ...{ ...numbersOf(recipe.first), views, unfreeze },
      ...(unfreeze > 0 && { fine_tuning: numbersOf(second) }),
    },
    describe: (network) =>
      `New head (${layersOf(recipe)}) on the frozen network ${network}, on each picture and ${views} augmented views of ` +
      `it${thawed}; probabilities by temperature scaling on validation pictures.`,
  }
}

/** The numbers that were asked for. */
function asked(parameters: TrainContext['parameters'], { earlyStopping }: FitNumbers) {
  const { patience, ...numbers } = recipeNumbers(parameters)
  return {
    ...numbers,
    ...(patience !== undefined && { earlyStopping: { ...earlyStopping, patience } }),
  }
}

const numbersOf = ({ epochs, batch, learningRate, earlyStopping }: FitNumbers) => ({
  ...{ epochs, batch, learning_rate: learningRate, patience: earlyStopping.patience },
})

const layersOf = ({ head }: { readonly head: TransferRecipe['head'] }): string =>
  `${head.hidden} units with Relu, batch normalisation, dropout ${head.dropout}, softmax`
