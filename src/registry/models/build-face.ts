// The face models: a classifier of live and fake faces, beside the YuNet detector that finds the
// face it judges.
import { foldDequantize } from '../../importers/onnx/fold-dequantize.ts'
import { freeBatch } from '../../importers/onnx/ports.ts'
import { readModel, writeModel } from '../../onnx/model.ts'
import type { BuiltModel } from './catalog-entry.ts'

/** @param detector YuNet with block-quantised weights, which are folded to float32 */
export function buildFace(classifier: Uint8Array, detector: Uint8Array): BuiltModel {
  return {
    graphs: {
      model: writeModel(freeBatch(readModel(classifier))),
      detector: writeModel(foldDequantize(readModel(detector))),
    },
    labels: ['real', 'fake', 'fake'],
    maxBatch: 16,
    decode: toDecode(128, 1.5, ['edge', 'black']),
    answer: { real: 0, threshold: 0.5, scores: 'logits' },
    metrics: {},
  }
}

/** MiniFASNet of Silent-Face-Anti-Spoofing; its detector is the bundled one. */
export function buildMiniFasNet(classifier: Uint8Array): BuiltModel {
  return {
    graphs: { model: writeModel(readModel(classifier)) },
    labels: ['fake', 'real', 'fake'],
    maxBatch: 16,
    decode: toDecode(80, 2.7, ['edge']),
    answer: { real: 1, threshold: 0.5, scores: 'logits' },
    metrics: {},
  }
}

function toDecode(side: number, scale: number, borders: readonly string[]): BuiltModel['decode'] {
  return {
    width: side,
    height: side,
    implementation: 'opencv',
    filter: 'bilinear',
    order: 'BGR',
    layout: 'NCHW',
    dtype: 'float32',
    crop: { scale, borders, score: 0.7, nms: 0.3, size: 640 },
  }
}
