// A trained cough model → the manifest and the files of a version.
import { gzipSync, strToU8 } from 'fflate'
import { loadSession } from '../../engine/runtime.ts'
import { encodeSafetensors } from '../../tensor/safetensors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { dataHash } from '../data/frozen-dataset.ts'
import type { Candidate } from '../task.ts'
import type { LearnedCough } from './learn.ts'

/** Processors differ in the order of their sums. */
const TOLERANCE = 1e-3

export async function toCandidate(learned: LearnedCough, card: string): Promise<Candidate> {
  const { classes, decode, recipe, seed, model, fitted, parts, metrics } = learned
  const { mels, frames } = decode
  const all = [...parts.train, ...parts.validation, ...parts.test]
  const hashes = [...parts.train, ...parts.validation].map(({ contentHash }) => contentHash)
  const content = gzipSync(strToU8(JSON.stringify(hashes.toSorted())), { mtime: 0 })
  return {
    manifest: {
      inputs: [{ name: 'x', type: 'float32', shape: [null, 1, mels, frames] }],
      outputs: [{ name: 'probabilities', type: 'float32', shape: [null, classes.length] }],
      maxBatch: 16,
      labels: classes,
      decode: { ...decode },
      answer: {},
      golden: { file: 'golden', tolerance: TOLERANCE },
      metrics: { ...metrics },
      origin: {
        data: dataHash(all),
        rows: {
          train: parts.train.length,
          validation: parts.validation.length,
          test: parts.test.length,
        },
        parameters: {
          ...{ seed, epochs: recipe.epochs, batch: recipe.batch },
          ...{ learning_rate: recipe.learningRate, label_smoothing: recipe.labelSmoothing },
        },
        best_epoch: fitted.result.bestEpoch,
        calibration: { method: 'temperature', scale: fitted.scale },
      },
    },
    files: {
      model: { name: 'model.onnx', content: model },
      seen: { name: 'seen.json.gz', content },
      golden: { name: 'golden.safetensors', content: await createGolden(model, mels, frames) },
    },
    card,
  }
}

/** Two bursts under a falling spectrum, and padding: made, so that no recording is given away. */
async function createGolden(model: Uint8Array, mels: number, frames: number): Promise<Uint8Array> {
  const sound = Math.floor(frames / 2)
  const data = Float32Array.from({ length: mels * frames }, (_, i) => {
    const [band, frame] = [Math.floor(i / frames), i % frames]
    if (frame >= sound) return 0
    return Math.max(-80, -1 - (60 * band) / mels - (frame % Math.ceil(sound / 2)))
  })
  const x: Tensor = { type: 'float32', dims: [1, 1, mels, frames], data }
  const session = await loadSession(model)
  try {
    const { probabilities } = await session.run({ x })
    return encodeSafetensors({ 'input.x': x, 'output.probabilities': probabilities! })
  } finally {
    await session.release()
  }
}
