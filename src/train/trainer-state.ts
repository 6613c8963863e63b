// Where a training stands, as plain JSON, and what the end of an epoch makes of it: history, best epoch, patience, rate.
import type { EpochRecord } from './report/evaluation-input.ts'
import { type PlateauState, reduceOnPlateau } from './schedules.ts'
import type { TrainerOptions } from './trainer.ts'

/** Which figure of an epoch tells better from worse. */
export interface Monitor {
  /** `val_loss` by default; `loss` where nothing is validated. */
  readonly monitor?: string
  /** Whether it should fall or rise. Default: min. */
  readonly mode?: 'min' | 'max'
  /** An improvement is more than this. Default: 0. */
  readonly minDelta?: number
}

export type TrainerOutcome = 'epochs' | 'early-stopping' | 'cancelled' | 'diverged'

export interface TrainerState {
  readonly seed: number
  readonly epochs: number
  /** Epochs that ended. */
  readonly epoch: number
  /** Batches of the running epoch that were trained on, and their sums. */
  readonly batch: number
  readonly lossSum: number
  readonly rows: number
  /** Steps over all epochs. */
  readonly steps: number
  readonly history: readonly EpochRecord[]
  readonly best: { readonly epoch: number; readonly value: number } | null
  /** Epochs since the best. */
  readonly waited: number
  readonly plateau: PlateauState | null
  readonly stopped: TrainerOutcome | null
  readonly reason: string | null
}

export function startState(seed: number, epochs: number): TrainerState {
  return {
    ...{ seed, epochs, epoch: 0, batch: 0, lossSum: 0, rows: 0, steps: 0 },
    ...{ history: [], best: null, waited: 0, plateau: null, reason: null },
    stopped: epochs > 0 ? null : 'epochs',
  }
}

export interface EpochRules {
  endEpoch(
    state: TrainerState,
    figures: Readonly<Record<string, number>>,
    more: { readonly seconds: number; readonly rate: number },
  ): { readonly state: TrainerState; readonly improved: boolean }
}

type RuleOptions = Pick<TrainerOptions, 'earlyStopping' | 'reduceOnPlateau' | 'epochs' | 'validate'>

export function createEpochRules(options: RuleOptions): EpochRules {
  const { earlyStopping, reduceOnPlateau: reduction, epochs } = options
  const plateau = reduction === undefined ? null : reduceOnPlateau(reduction)
  const usual = options.validate === undefined ? 'loss' : 'val_loss'
  return {
    endEpoch: (state, figures, { seconds, rate }) => {
      const record = toRecord(state, figures, { seconds, learning_rate: rate })
      const figureOf = ({ monitor = usual }: Monitor): number => {
        if (monitor in record) return record[monitor]!
        throw new TypeError(`No figure "${monitor}" among ${Object.keys(record).join(', ')}`)
      }
      const improved =
        earlyStopping !== undefined && improves(figureOf(earlyStopping), state.best, earlyStopping)
      const best = improved ? { epoch: record.epoch, value: figureOf(earlyStopping) } : state.best
      const waited = improved ? 0 : state.waited + 1
      const impatient = earlyStopping !== undefined && waited >= earlyStopping.patience
      const epoch = state.epoch + 1
      const next: TrainerState = {
        ...state,
        ...{ epoch, batch: 0, lossSum: 0, rows: 0, best, waited },
        history: [...state.history, record],
        plateau: plateau?.update(state.plateau ?? plateau.init(1), figureOf(reduction!)) ?? null,
        stopped: impatient ? 'early-stopping' : epoch >= epochs ? 'epochs' : null,
      }
      return { state: next, improved }
    },
  }
}

function toRecord(
  { epoch, lossSum, rows }: TrainerState,
  figures: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): EpochRecord {
  const validated = Object.entries(figures).map(([name, value]) => [`val_${name}`, value])
  return { epoch: epoch + 1, loss: lossSum / rows, ...Object.fromEntries(validated), ...more }
}

function improves(value: number, best: TrainerState['best'], monitor: Monitor): boolean {
  const { mode = 'min', minDelta = 0 } = monitor
  if (Number.isNaN(value)) return false
  if (best === null) return true
  return mode === 'min' ? value < best.value - minDelta : value > best.value + minDelta
}
