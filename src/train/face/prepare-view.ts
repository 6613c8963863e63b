// A file of crops → one row of the classifier's input: the first crop as it is served, or an augmented view of one of
// them. Runs in a thread.
import type { Picture } from '../../tensor/picture.ts'
import { type PixelSpec, toLevels } from '../../tensor/pixel-tensor.ts'
import { augmentPicture, type PictureAugmentation } from '../augment/picture-augmentation.ts'
import type { Prepare } from '../data/prepare.ts'
import { levelsToTensor } from '../data/prepare-picture.ts'
import { readFrozen } from '../data/read-frozen.ts'

export interface ViewSetup {
  readonly inputName: string
  readonly pixels: PixelSpec
  /** null: as at serving. */
  readonly augmentation: PictureAugmentation | null
}

/** Rows that throw training.file-changed are left out. */
export function createPrepare({ inputName, pixels, augmentation }: ViewSetup): Prepare {
  return async (row, draw) => {
    const crops = toCrops(await readFrozen(row), pixels)
    if (augmentation === null) return { [inputName]: toLevels(crops[0]!, pixels) }
    const crop = crops[draw.integer(crops.length)]!
    return { [inputName]: levelsToTensor(await augmentPicture(crop, augmentation, draw), pixels) }
  }
}

/** The crops of a file: RGB, one after the other. */
export function toCrops(
  bytes: Uint8Array,
  { width, height }: Pick<PixelSpec, 'width' | 'height'>,
): readonly Picture[] {
  const size = width * height * 3
  return Array.from({ length: bytes.length / size }, (_, i) => {
    return { width, height, data: bytes.subarray(i * size, (i + 1) * size) }
  })
}
