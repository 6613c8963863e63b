// Epochs of training steps: validation, early stopping with the best weights restored, checkpoints and resuming. Knows
// nothing of what is learned. Deterministic: a killed and resumed training ends with the same bits as one left alone.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Tensors } from '../tensor/tensor.ts'
import type { TrainingStep } from './create-training-step.ts'
import { createRandom, type Random } from './random.ts'
import type { EpochRecord } from './report/evaluation-input.ts'
import type { PlateauOptions, Schedule } from './schedules.ts'
import { type CheckpointFiles, openCheckpoints } from './trainer-checkpoint.ts'
import {
  createEpochRules,
  type Monitor,
  startState,
  type TrainerOutcome,
  type TrainerState,
} from './trainer-state.ts'

export interface Batch {
  readonly feeds: Tensors
  /** Rows that count; fewer than the step's where `row_weights` of the filled-up ones are 0. */
  readonly rows: number
}

export interface TrainerOptions {
  readonly step: TrainingStep
  /**
   * The batches of an epoch (0, 1, 2, …): the same for the same arguments, whatever was asked before, or resuming ends
   * elsewhere. `random` depends on seed and epoch alone.
   */
  batches(epoch: number, random: Random): AsyncIterable<Batch> | Iterable<Batch>
  /** Figures of the validation rows after an epoch, such as `loss`; recorded as `val_loss`. */
  validate?(): Promise<Readonly<Record<string, number>>>
  readonly epochs: number
  /** Of the number of steps taken before, counted over all epochs. */
  readonly schedule: Schedule
  /** Keeps the weights of the best epoch, and restores them at the end. A patience of Infinity stops nothing. */
  readonly earlyStopping?: Monitor & {
    /** Epochs without improvement after which it ends. */
    readonly patience: number
    /** Default: true. */
    readonly restoreBest?: boolean
  }
  /** Multiplies the schedule's rate: `floor` is a fraction of it. */
  readonly reduceOnPlateau?: Omit<PlateauOptions, 'mode'> & Monitor
  /** A folder of this training alone: one that has a checkpoint is resumed. */
  readonly checkpoint?: {
    readonly folder: string
    /** Besides the end of each epoch. */
    readonly everyBatches?: number
  }
  readonly signal?: AbortSignal
  progress?(progress: TrainerProgress): void
  readonly seed: number
}

export interface TrainerProgress {
  /** 0..1 */
  readonly fraction: number
  readonly epoch: number
  /** Of the last epoch that ended. */
  readonly latest: EpochRecord | null
}

export interface TrainerResult {
  /** An epoch each: `epoch`, `loss`, `val_…`, `learning_rate`, `seconds`. */
  readonly history: readonly EpochRecord[]
  /** Whose weights the step holds now; null where none was chosen. */
  readonly bestEpoch: number | null
  readonly stopped: TrainerOutcome
  /** Why it diverged: a sentence. */
  readonly reason: string | null
  /** Seconds of this process. */
  readonly durations: { readonly training: number; readonly validation: number }
}

/**
 * Trains until the last epoch, the end of patience, a loss that is not finite, or the signal. Then the step holds the
 * best weights (early stopping), or those of the last checkpoint after a loss that is not finite.
 * Yields to the event loop many times a second.
 * @throws DugaError `training.state` where the folder holds a checkpoint of another training
 */
export async function trainModel(options: TrainerOptions): Promise<TrainerResult> {
  const { step, checkpoint, seed, epochs } = options
  const files = await openCheckpoints(checkpoint?.folder ?? null)
  let state = (await files.resume(step, { seed, epochs })) ?? startState(seed, epochs)
  const rules = createEpochRules(options)
  const spent = { training: 0, validation: 0 }
  while (state.stopped === null) {
    const start = performance.now()
    state = await trainEpoch(options, files, state)
    spent.training += since(start)
    if (state.stopped !== null) break
    const judged = performance.now()
    const figures = (await options.validate?.()) ?? {}
    spent.validation += since(judged)
    const ended = rules.endEpoch(state, figures, {
      seconds: since(start),
      rate: rateOf(options, state),
    })
    if (ended.improved) await files.saveBest(step, ended.state)
    state = ended.state
    await files.save(step, state)
    options.progress?.({
      fraction: state.epoch / epochs,
      epoch: state.epoch,
      latest: state.history.at(-1) ?? null,
    })
  }
  const bestEpoch = await settle(options, files, state)
  const { history, stopped, reason } = state
  return { history, bestEpoch, stopped, reason, durations: spent }
}

/** How long the event loop may wait for its turn. */
const TURN_MS = 20

async function trainEpoch(
  options: TrainerOptions,
  files: CheckpointFiles,
  before: TrainerState,
): Promise<TrainerState> {
  const { step, signal, checkpoint, seed } = options
  const random = createRandom(
    Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(before.epoch + 1, 0x85ebca6b),
  )
  let state = before
  let index = 0
  let turn = performance.now()
  if (signal?.aborted) return { ...state, stopped: 'cancelled' }
  for await (const { feeds, rows } of options.batches(state.epoch, random)) {
    index += 1
    if (index <= before.batch) continue
    const { loss } = await step.step(feeds, { learningRate: rateOf(options, state) })
    if (!Number.isFinite(loss)) {
      const where = `epoch ${state.epoch + 1}, batch ${index}`
      return { ...state, stopped: 'diverged', reason: `The loss in ${where} is ${loss}.` }
    }
    state = {
      ...state,
      batch: index,
      steps: state.steps + 1,
      lossSum: state.lossSum + loss * rows,
      rows: state.rows + rows,
    }
    if (checkpoint?.everyBatches && index % checkpoint.everyBatches === 0) {
      await files.save(step, state)
    }
    if (since(turn) * 1000 >= TURN_MS) {
      options.progress?.(within(options, state))
      await nextTurn()
      turn = performance.now()
    }
    if (signal?.aborted) {
      await files.save(step, state)
      return { ...state, stopped: 'cancelled' }
    }
  }
  return state
}

/** The best weights where they are wanted; after a loss that is not finite, at least some that were good. */
async function settle(
  { step, earlyStopping }: TrainerOptions,
  files: CheckpointFiles,
  state: TrainerState,
): Promise<number | null> {
  const wanted = earlyStopping !== undefined && earlyStopping.restoreBest !== false
  if (wanted && state.best !== null) {
    await files.restoreBest(step, state)
    return state.best.epoch
  }
  if (state.stopped === 'diverged') await files.restoreLatest(step)
  return null
}

const rateOf = ({ schedule }: TrainerOptions, { steps, plateau }: TrainerState): number =>
  schedule(steps) * (plateau?.rate ?? 1)

function within({ epochs }: TrainerOptions, state: TrainerState): TrainerProgress {
  const perEpoch =
    state.epoch === 0 ? Number.POSITIVE_INFINITY : (state.steps - state.batch) / state.epoch
  const part = Math.min(1, state.batch / perEpoch)
  const latest = state.history.at(-1) ?? null
  return { fraction: (state.epoch + part) / epochs, epoch: state.epoch, latest }
}

const since = (start: number): number => (performance.now() - start) / 1000
