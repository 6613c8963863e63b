// How a cough model is trained: what it hears, what is done to training recordings, and the numbers of the training.
import type { Mix } from '../augment/sound.ts'
import type { SpectrogramMask } from '../augment/spectrogram-mask.ts'

/** The part of a manifest's `decode` that the service reads; see services/cough/spec.ts. */
export interface CoughDecode {
  readonly sampleRate: number
  readonly maxSeconds: number
  readonly nFft: number
  readonly hop: number
  readonly mels: number
  readonly frames: number
  readonly standardise: boolean
  readonly layout: 'NHWC' | 'NCHW'
}

/**
 * The contract's spectrogram. It is not standardised, because the network has to see where the recording ends: padding is
 * 0 dB in every band, which no sound is.
 */
export const COUGH_DECODE: CoughDecode = {
  sampleRate: 22_050,
  maxSeconds: 10,
  nFft: 2048,
  hop: 512,
  mels: 128,
  frames: 256,
  standardise: false,
  layout: 'NCHW',
}

export interface MelAugmentation {
  /** Chance of a random piece, and its seconds, least and largest. */
  readonly crop: { readonly probability: number; readonly seconds: readonly [number, number] }
  /** Another recording under the sound; signal to noise in dB. */
  readonly background: Mix
  /** Steady noise of a random colour; dB under the loudest place. */
  readonly noise: Mix
  /** Largest tilt from the lowest to the highest band, dB: microphones differ. */
  readonly tilt: number
  /** Chance that nothing above a cut-off is left, and the cut-offs in Hz: telephones, voice messages. */
  readonly lowPass: { readonly probability: number; readonly hertz: readonly number[] }
  readonly mask: SpectrogramMask
}

export interface CoughRecipe {
  readonly batch: number
  readonly epochs: number
  /** Epochs without a better validation loss after which it ends. */
  readonly patience: number
  readonly learningRate: number
  readonly labelSmoothing: number
  readonly dropout: number
  readonly augmentation: MelAugmentation
}

export const COUGH_RECIPE: CoughRecipe = {
  batch: 32,
  epochs: 30,
  patience: 8,
  learningRate: 2e-3,
  labelSmoothing: 0.05,
  dropout: 0.3,
  augmentation: {
    crop: { probability: 0.85, seconds: [1, 5] },
    background: { probability: 0.35, ratio: [3, 25] },
    noise: { probability: 0.5, ratio: [25, 70] },
    tilt: 15,
    lowPass: { probability: 0.5, hertz: [3400, 3700, 4000, 4000, 5500, 8000] },
    mask: { time: { count: 2, part: 0.08 }, frequency: { count: 2, part: 0.1 } },
  },
}
