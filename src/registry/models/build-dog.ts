// The dog models: EfficientNet-Lite2 from its PyTorch checkpoint, and public ImageNet classifiers
// in ONNX. All take uint8 pixels and give ImageNet's 1,000 probabilities, of which the service
// answers 120.
import { wrapClassifier } from '../../importers/onnx/wrap-classifier.ts'
import { readCheckpoint } from '../../importers/pytorch/checkpoint.ts'
import { createEfficientNetLite } from '../../importers/pytorch/efficientnet-lite.ts'
import { readModel, writeModel } from '../../onnx/model.ts'
import type { BuiltModel } from './catalog-entry.ts'
import { STANFORD_DOG_CLASSES, STANFORD_DOGS } from './stanford-dogs.ts'

/** EfficientNet-Lite2's side in pixels. */
const SIDE = 260

/**
 * The original evaluates on the central square of side / (side + 32) of the picture
 * (efficientnet/preprocessing.py).
 */
const CROP_PADDING = 32

/**
 * Below this sum over the 120 breeds the picture is said to show no dog; see the card for what it
 * was chosen on.
 */
const DOG_THRESHOLD = 0.25

/** @param checkpoint a state dict in any format that PyTorch or safetensors writes */
export async function buildEfficientNetDog(checkpoint: Uint8Array): Promise<BuiltModel> {
  const { state } = await readCheckpoint(checkpoint)
  const model = createEfficientNetLite(state, SIDE)
  return {
    ...dogModel(SIDE, SIDE / (SIDE + CROP_PADDING), 'bicubic'),
    graphs: { model: writeModel(model) },
  }
}

/**
 * @param file an ONNX classifier on 224×224 pictures, normalised as torchvision and the ONNX model
 * zoo do
 */
export function buildImageNetDog(file: Uint8Array): BuiltModel {
  const model = wrapClassifier(readModel(file), {
    height: 224,
    width: 224,
    classes: 1000,
    mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
    deviation: [0.229 * 255, 0.224 * 255, 0.225 * 255],
  })
  return { ...dogModel(224, 224 / 256, 'bilinear'), graphs: { model: writeModel(model) } }
}

function dogModel(side: number, crop: number, filter: string): Omit<BuiltModel, 'graphs'> {
  return {
    labels: STANFORD_DOGS,
    maxBatch: 8,
    decode: {
      width: side,
      height: side,
      implementation: 'pillow',
      filter,
      center_crop: crop,
      order: 'RGB',
      layout: 'NHWC',
      dtype: 'uint8',
    },
    answer: {
      output: 'probabilities',
      activation: 'none',
      classes: STANFORD_DOG_CLASSES,
      dog_threshold: DOG_THRESHOLD,
    },
    metrics: {},
  }
}
