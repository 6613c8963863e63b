// How the face classifier is tuned: its head on the frozen network, then the network's last stage at a lower rate. Chosen on
// validation pictures; a head alone was measured not to be enough.
import { FACE_CAMERA, type PictureAugmentation } from '../augment/picture-augmentation.ts'
import type { TransferRecipe } from '../transfer/recipe.ts'

/** A head a little turned, nearer or farther, and another camera: what says nothing about who is real. */
export const FACE_AUGMENTATION: PictureAugmentation = {
  geometry: {
    ...{ rotation: 8, shear: 0, zoom: 0.06, horizontalFlip: true },
    ...{ widthShift: 0.04, heightShift: 0.04 },
  },
  camera: FACE_CAMERA,
  colour: { brightness: 0.2, contrast: 0.2, saturation: 0.2 },
}

/** `second` has the defaults of the contract: 10 epochs, batches of 32. */
export const FACE_RECIPE: TransferRecipe = {
  head: { hidden: null, normalise: null, dropout: 0 },
  first: {
    ...{ batch: 32, epochs: 30, labelSmoothing: 0.02 },
    earlyStopping: { patience: 6 },
    ...{ learningRate: 3e-3, schedule: 'constant' },
  },
  second: {
    ...{ batch: 32, epochs: 10, labelSmoothing: 0.02 },
    earlyStopping: { patience: 5 },
    ...{ learningRate: 5e-4, schedule: 'cosine' },
  },
  views: 4,
  unfreeze: 1,
}

/** Pictures that each class needs, faces found: fewer say nothing about a threshold. */
export const LEAST_FACES = 10
