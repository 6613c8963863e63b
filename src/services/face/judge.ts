// A tuned classifier beside the one that serves, both asked exactly as at serving: its threshold from validation faces, its
// figures and the gate from test faces.

import type { Manifest } from '../../manifest.ts'
import { cutModel } from '../../onnx/cut-model.ts'
import { createValueInfo } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { FileRow } from '../../train/data/row.ts'
import { equalErrorThreshold } from '../../train/face/threshold.ts'
import type { TrainContext, TrainResult } from '../../train/task.ts'
import { compareRights } from '../../train/transfer/compare.ts'
import type { ScoredRow, Transferred } from '../../train/transfer/learn.ts'
import { type ScoredFace, type ScoreOptions, scoreCrops } from './score-crops.ts'

/** By output index; a live face is the first, as in the default model. */
export const FACE_CLASSES: readonly string[] = ['real', 'fake']

export interface JudgedFaces {
  /** ONNX file; output `logits` [N, 2]. */
  readonly model: Uint8Array
  /** What the candidate's manifest says of it. */
  readonly spec: Pick<Manifest, 'outputs' | 'labels' | 'answer'>
  readonly threshold: number
  readonly validation: { readonly labels: readonly number[]; readonly probabilities: Float32Array }
  readonly test: readonly ScoredRow[]
  readonly gate: TrainResult['gate']
}

export async function judgeFaces(
  { model: learned, parts }: Pick<Transferred, 'model' | 'parts'>,
  { manifest, paths }: NonNullable<TrainContext['incumbent']>,
  { seed, ...rest }: Omit<ScoreOptions, 'manifest'> & { readonly seed: number },
): Promise<JudgedFaces> {
  const { model: graph, logits } = toLogits(learned)
  const model = writeModel(graph)
  const outputs = [{ name: logits, type: 'float32', shape: [null, FACE_CLASSES.length] }] as const
  const meaning = { real: FACE_CLASSES.indexOf('real'), scores: 'logits' }
  const own = { ...manifest, outputs, labels: FACE_CLASSES, answer: meaning }
  const validation = await scoreCrops(model, parts.validation, { ...rest, manifest: own })
  const { threshold } = equalErrorThreshold(
    validation.map(({ row }) => Number(row.label === 'fake')),
    validation.map(({ answer }) => answer.prob_fake),
  )
  const answer = { ...meaning, threshold }
  const candidate = { ...own, answer }
  const test = await scoreCrops(model, parts.test, { ...rest, manifest: candidate })
  const before = await scoreCrops(paths.model!, parts.test, { ...rest, manifest })
  return {
    ...{ model, threshold, spec: { outputs, labels: FACE_CLASSES, answer } },
    validation: {
      labels: validation.map(({ row }) => FACE_CLASSES.indexOf(row.label)),
      probabilities: Float32Array.from(validation.flatMap((face) => [...toProbabilities(face)])),
    },
    test: test.map((face) => ({ row: face.row, probabilities: toProbabilities(face) })),
    gate: compareRights(
      test.map((face, i) => ({
        ...{ ours: isRight(face), theirs: isRight(before[i]!) },
        group: face.row.group,
      })),
      seed,
    ),
  }
}

const isRight = ({ row, answer }: { row: FileRow; answer: { prediction: string } }): number =>
  Number(answer.prediction === row.label)

const toProbabilities = ({ answer: { prob_real, prob_fake } }: ScoredFace): Float32Array =>
  Float32Array.of(prob_real, prob_fake)

/** Crops of one face are averaged as logits: these are what the version puts out, in the place of probabilities. */
function toLogits(model: ModelProto): { readonly model: ModelProto; readonly logits: string } {
  const softmax = model.graph!.node.findLast(({ opType }) => opType === 'Softmax')
  const logits = softmax!.input[0]!
  const cut = cutModel(model, logits)
  const output = [createValueInfo(logits, 'float32', ['N', FACE_CLASSES.length])]
  return { model: { ...cut, graph: { ...cut.graph!, output } }, logits }
}
