// Learning rates over time: functions of the step (or epoch) alone, and reduction on a plateau, which has a state.

/** The learning rate of step 0, 1, 2, … */
export type Schedule = (step: number) => number

export const constant =
  (rate: number): Schedule =>
  () =>
    rate

/** From `rate` down to `floor` along half a cosine over `steps`; `floor` from then on (Loshchilov and Hutter 2017). */
export const cosine =
  (rate: number, steps: number, floor = 0): Schedule =>
  (step) =>
    floor + ((rate - floor) * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)))) / 2

/** `rate`, times `factor` after each `every` steps. */
export const stepDecay =
  (rate: number, every: number, factor = 0.1): Schedule =>
  (step) =>
    rate * factor ** Math.floor(step / every)

/** Rises in a line to the schedule's own start within `steps`, which the schedule then begins after. */
export const warmUp =
  (schedule: Schedule, steps: number): Schedule =>
  (step) =>
    step < steps ? (schedule(0) * (step + 1)) / (steps + 1) : schedule(step - steps)

export interface PlateauOptions {
  readonly factor?: number
  /** So many epochs without improvement are waited for. */
  readonly patience?: number
  /** An improvement is more than this. */
  readonly minDelta?: number
  /** Epochs after a reduction in which nothing is counted. */
  readonly cooldown?: number
  readonly floor?: number
  /** Whether the value should fall, as a loss, or rise, as an accuracy. */
  readonly mode?: 'min' | 'max'
}

export interface PlateauState {
  readonly rate: number
  /** Best value so far; null before the first. */
  readonly best: number | null
  readonly waited: number
  readonly cooling: number
}

export interface Plateau {
  init(rate: number): PlateauState
  /** The state after an epoch that ended with `value`. */
  update(state: PlateauState, value: number): PlateauState
}

/** Keras' `ReduceLROnPlateau`. */
export function reduceOnPlateau(options: PlateauOptions = {}): Plateau {
  const { factor = 0.1, patience = 10, minDelta = 1e-4, cooldown = 0, floor = 0 } = options
  const { mode = 'min' } = options
  const improves = (value: number, best: number | null): boolean =>
    best === null || (mode === 'min' ? value < best - minDelta : value > best + minDelta)
  return {
    init: (rate) => ({ rate, best: null, waited: 0, cooling: 0 }),
    update: (state, value) => {
      const cooling = Math.max(state.cooling - 1, 0)
      if (improves(value, state.best)) return { ...state, best: value, waited: 0, cooling }
      if (cooling > 0) return { ...state, waited: 0, cooling }
      const waited = state.waited + 1
      if (waited < patience) return { ...state, waited, cooling }
      const rate = Math.max(state.rate * factor, floor)
      return { ...state, rate, waited: 0, cooling: cooldown }
    },
  }
}
