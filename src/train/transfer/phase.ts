// One phase of a transfer: the end of the network from some value on is trained on what came before it, then calibrated on
// the validation rows.
import { join } from 'node:path'
import { cutModel, tailOf } from '../../onnx/cut-model.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import type { EpochRecord } from '../report/evaluation-input.ts'
import { softmaxRows } from '../softmax-rows.ts'
import { fitTemperature } from '../temperature.ts'
import type { TrainerResult } from '../trainer.ts'
import type { FeatureTable } from './feature-table.ts'
import { type FitOptions, type FitRecipe, fitOnTable } from './fit.ts'
import { type HeadedNetwork, withWeights } from './head.ts'
import { type RunOptions, runOnTable } from './run-on-table.ts'

/** Where the network is cut: what comes before is frozen and has been run. */
export interface Part {
  /** For people, such as "head". */
  readonly title: string
  /** Name of the value, and its shape without the batch. */
  readonly name: string
  readonly shape: readonly number[]
  /** The value for every row and view. */
  readonly table: FeatureTable
  readonly recipe: FitRecipe
  /** Whether batch normalisations take the batch's statistics. */
  readonly batchStatistics: boolean
}

export interface PhaseOptions
  extends Pick<
    FitOptions,
    'training' | 'validation' | 'classWeights' | 'seed' | 'threads' | 'signal' | 'checkpoints'
  > {
  readonly part: Part
  /** Of earlier phases; null: those of the network. */
  readonly weights: Tensors | null
  progress(fraction: number, message: string): void
}

export interface Phase {
  readonly part: Part
  /** All that was trained so far. */
  readonly weights: Tensors
  readonly result: TrainerResult
  /** What logits are to be multiplied with. */
  readonly scale: number
  /** Calibrated probabilities of the validation rows, and their mean −log of the truth. */
  readonly validation: Float32Array
  readonly loss: number
}

/** @throws the signal's reason; see createTrainingStep */
export async function trainPart(network: HeadedNetwork, options: PhaseOptions): Promise<Phase> {
  const { part, validation, threads, signal } = options
  const before =
    options.weights === null ? network.model : withWeights(network.model, options.weights)
  const model = tailOf(before, part.name, part.shape)
  const { weights, result } = await fitOnTable({
    ...options,
    ...{ model, output: network.logits, table: part.table, recipe: part.recipe },
    ...{ input: part, batchStatistics: part.batchStatistics },
    checkpoints: options.checkpoints === null ? null : join(options.checkpoints, part.title),
    progress: (fraction, epoch, latest) =>
      options.progress(fraction, describe(part, epoch, latest)),
  })
  const all = { ...options.weights, ...weights }
  const trained = withWeights(network.model, all)
  const places = validation.map((row) => row.places[0]!)
  const logits = await scorePart({ ...network, model: trained }, part, network.logits, {
    ...{ places, threads, signal },
  })
  const labels = validation.map(({ label }) => label)
  const classes = logits.length / labels.length
  const scale = fitTemperature(logits, labels, classes)
  const probabilities = softmaxRows(logits, classes, scale)
  const loss = labels.reduce((sum, label, i) => {
    return sum - Math.log(Math.max(probabilities[i * classes + label]!, 1e-12)) / labels.length
  }, 0)
  return { part, weights: all, result, scale, validation: probabilities, loss }
}

/** A value of the network for rows of the part's table, row after row. */
export async function scorePart(
  network: HeadedNetwork,
  part: Pick<Part, 'name' | 'shape' | 'table'>,
  value: string,
  options: Pick<RunOptions, 'places' | 'threads' | 'signal'>,
): Promise<Float32Array> {
  const model = cutModel(tailOf(network.model, part.name, part.shape), value)
  const { shape, table } = part
  const found: Float32Array[] = []
  const onRows = (_: readonly number[], values: Float32Array) => void found.push(values)
  await runOnTable({ ...options, model, shape, table, onRows })
  const out = new Float32Array(found.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const values of found) {
    out.set(values, at)
    at += values.length
  }
  return out
}

function describe({ title }: Part, epoch: number, latest: EpochRecord | null): string {
  if (latest === null) return `training the ${title}`
  const { val_loss: loss, val_accuracy: accuracy } = latest
  return `training the ${title}, epoch ${epoch}: validation loss ${loss!.toFixed(3)}, accuracy ${accuracy!.toFixed(3)}`
}
