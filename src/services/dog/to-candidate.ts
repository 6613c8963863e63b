// A trained dog model → the manifest and the files of a version.
import { gzipSync, strToU8 } from 'fflate'
import { loadSession } from '../../engine/runtime.ts'
import type { Json } from '../../json.ts'
import { writeModel } from '../../onnx/model.ts'
import { createGolden, GOLDEN_TOLERANCE } from '../../registry/models/seeded-golden.ts'
import { toLevels } from '../../tensor/pixel-tensor.ts'
import { encodeSafetensors } from '../../tensor/safetensors.ts'
import { classificationMetrics } from '../../train/classification-metrics.ts'
import { dataHash } from '../../train/data/frozen-dataset.ts'
import { createRandom } from '../../train/random.ts'
import type { Candidate } from '../../train/task.ts'
import { EMBEDDING, PROBABILITIES } from '../../train/transfer/head.ts'
import type { Transferred } from '../../train/transfer/learn.ts'
import type { Backbone } from './backbone.ts'

const MAX_BATCH = 8

export interface CandidateParts {
  readonly learned: Transferred
  readonly backbone: Backbone
  readonly classes: readonly string[]
  readonly parameters: { readonly [key: string]: Json }
  readonly card: string
}

export async function toCandidate(options: CandidateParts): Promise<Candidate> {
  const { learned, backbone, classes, parameters, card } = options
  const { parts, test, scale, bestEpoch } = learned
  const model = writeModel(learned.model)
  const { outputs, golden } = await run(model, backbone)
  const width = outputs.find(({ name }) => name === EMBEDDING)!.shape[1]!
  const seen = [...parts.train, ...parts.validation].map(({ contentHash }) => contentHash)
  const { name, type, shape } = backbone.input
  const scored = test.map(({ row, probabilities }) => {
    return { label: classes.indexOf(row.label), scores: probabilities }
  })
  return {
    manifest: {
      inputs: [{ name, type, shape: [null, ...shape.slice(1)] }],
      outputs: [
        { name: PROBABILITIES, type: 'float32', shape: [null, classes.length] },
        { name: EMBEDDING, type: 'float32', shape: [null, width] },
      ],
      maxBatch: MAX_BATCH,
      labels: classes,
      decode: backbone.decode,
      // Every output is a class of the user's: nothing is known of what is none of them.
      answer: { output: PROBABILITIES, activation: 'none' },
      golden: { file: 'golden', tolerance: GOLDEN_TOLERANCE },
      metrics: test.length === 0 ? {} : { ...classificationMetrics(scored) },
      origin: {
        data: dataHash([...parts.train, ...parts.validation, ...parts.test]),
        rows: {
          ...{ train: parts.train.length, validation: parts.validation.length },
          test: parts.test.length,
        },
        backbone: backbone.origin,
        parameters,
        best_epoch: bestEpoch,
        calibration: { method: 'temperature', scale },
      },
    },
    files: {
      model: { name: 'model.onnx', content: model },
      golden: { name: 'golden.safetensors', content: golden },
      classes: { name: 'class_indices.json', content: toClassIndices(classes) },
      seen: {
        name: 'seen.json.gz',
        content: gzipSync(strToU8(JSON.stringify(seen.toSorted())), { mtime: 0 }),
      },
    },
    card,
  }
}

/** As the old notebook wrote it: `{"0": "Chihuahua", …}`. */
function toClassIndices(classes: readonly string[]): Uint8Array {
  return strToU8(`${JSON.stringify(Object.fromEntries(classes.entries()), null, 2)}\n`)
}

/** The golden input is a made picture: none of the user's is given away. */
async function run(model: Uint8Array, { input, pixels }: Backbone) {
  const { width, height } = pixels
  const random = createRandom(1)
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    return 96 + 64 * Math.sin(i / 997) + 64 * random()
  })
  const session = await loadSession(model)
  try {
    const made = encodeSafetensors({
      [`input.${input.name}`]: toLevels({ width, height, data }, pixels),
    })
    return { outputs: session.outputs, golden: await createGolden(session, made) }
  } finally {
    await session.release()
  }
}
