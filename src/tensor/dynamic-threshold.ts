// The threshold above which a reconstruction error is an anomaly: the 99th percentile of the errors seen so far.
// Pure functions over plain JSON state, one state a device; time, storage and devices are the caller's business.
import {
  addToSketch,
  emptySketch,
  type Sketch,
  scaleSketch,
  sketchQuantile,
} from './quantile-sketch.ts'

/** `seed`: mostly training errors; `learned`: mostly the device's own; `relearned`: since its level changed. */
export type ThresholdSource = 'learning' | 'seed' | 'learned' | 'relearned'

export interface ThresholdState {
  readonly sketch: Sketch
  /** Errors of this device that were learned. */
  readonly samples: number
  /** How many training errors the sketch began with. */
  readonly seeded: number
  /** How many suspicious errors may still be learned; grows with ordinary ones. */
  readonly credit: number
  /** Errors above the threshold since the device last behaved, oldest first; see {@link ThresholdOptions}. */
  readonly suspects: readonly number[]
  readonly relearned: boolean
}

export interface Verdict {
  /** What the error was compared with, before it was learned. */
  readonly threshold: number
  readonly anomaly: boolean
  /** Whether this error changed what the device counts as normal from the ground up. */
  readonly relearned: boolean
  readonly state: ThresholdState
}

export interface ThresholdOptions {
  readonly quantile?: number
  /** Errors above the threshold, nearly in a row and steady, after which they are the new normal; 0: never. */
  readonly driftAfter?: number
  /** The weight of all that was seen is halved when it reaches twice this. */
  readonly memory?: number
}

/** Errors that must be known before the percentile is trusted alone. */
const TRUSTED_AFTER = 100
/** Errors that must be known before anything is called an anomaly. */
const JUDGED_AFTER = 10
/** Training errors count as at most this many. */
const SEED_WEIGHT = 1000
/** Suspicious errors learned a time; also what a burst can add at most. */
const CREDIT_LIMIT = 3
/** An ordinary error during a run of suspicious ones takes back this many of them. */
const FORGIVENESS = 10

/**
 * The state of a new device.
 * @param seed training errors, or evenly spaced quantiles of them; may be empty
 * @throws RangeError for an error that is negative or not finite
 */
export function init(seed: readonly number[] = []): ThresholdState {
  const weight = seed.length > SEED_WEIGHT ? SEED_WEIGHT / seed.length : 1
  let sketch = emptySketch
  for (const error of seed) sketch = addToSketch(sketch, checked(error), weight)
  const seeded = Math.round(sketch.total)
  return { sketch, samples: 0, seeded, credit: 0, suspects: [], relearned: false }
}

/** The threshold that the next error is compared with; null while fewer than ten errors are known. */
export function threshold(state: ThresholdState, { quantile = 0.99 } = {}): number | null {
  if (state.sketch.total < JUDGED_AFTER) return null
  const percentile = sketchQuantile(state.sketch, quantile)
  return state.sketch.total < TRUSTED_AFTER ? Math.max(percentile, fence(state)) : percentile
}

/** What the threshold mostly rests on. */
export function source(state: ThresholdState): ThresholdSource {
  if (state.relearned) return 'relearned'
  if (state.sketch.total < TRUSTED_AFTER) return 'learning'
  return state.samples > state.seeded ? 'learned' : 'seed'
}

/**
 * Judges one error, then learns from it or not:
 *
 * - at or below the threshold: learned;
 * - above it, but within the fence: the normal tail reaches there once in a hundred, so leaving it out would make
 *   the percentile shrink by itself. It is learned while there is credit, which only ordinary errors earn, three
 *   per hundred: enough for the normal tail, while a burst adds three errors at most;
 * - beyond the fence, median + 5 × (90th percentile − median) and at least twice the median: never learned. The
 *   fence rests on quantiles that a tenth of bad data cannot move (Tukey's far-out fence, on one side).
 *
 * Keeping alarms out of the model, while the tail updates it, is how SPOT treats its threshold (Siffer, Fouque,
 * Termier & Largouët, "Anomaly detection in streams with extreme value theory", KDD 2017).
 *
 * A device whose level truly changed recovers: after `driftAfter` errors above the threshold (an ordinary one in
 * between takes back ten) whose later half is hardly higher than the earlier, they become the new normal.
 * @throws RangeError for an error that is negative or not finite
 */
export function update(
  state: ThresholdState,
  error: number,
  { quantile = 0.99, driftAfter = 500, memory = 10_000 }: ThresholdOptions = {},
): Verdict {
  checked(error)
  const limit = threshold(state, { quantile })
  if (limit === null || error <= limit) {
    const next = learnOrdinary(state, error, (1 - quantile) * 3, memory)
    return { threshold: limit ?? error, anomaly: false, relearned: false, state: next }
  }
  const suspects = driftAfter > 0 ? [...state.suspects.slice(-driftAfter + 1), error] : []
  if (suspects.length === driftAfter && driftAfter > 0 && isSteady(suspects)) {
    const fresh = { ...init(suspects), samples: suspects.length, seeded: 0, relearned: true }
    return { threshold: limit, anomaly: true, relearned: true, state: fresh }
  }
  const learns = state.credit >= 1 && error <= fence(state)
  const next = learns
    ? { ...learn(state, error, memory), credit: state.credit - 1, suspects }
    : { ...state, suspects }
  return { threshold: limit, anomaly: true, relearned: false, state: next }
}

function learnOrdinary(
  state: ThresholdState,
  error: number,
  earned: number,
  memory: number,
): ThresholdState {
  return {
    ...learn(state, error, memory),
    credit: Math.min(CREDIT_LIMIT, state.credit + earned),
    suspects: state.suspects.length > 0 ? state.suspects.slice(FORGIVENESS) : state.suspects,
  }
}

function learn(state: ThresholdState, error: number, memory: number): ThresholdState {
  const added = addToSketch(state.sketch, error)
  const sketch = added.total >= 2 * memory ? scaleSketch(added, 0.5) : added
  return { ...state, sketch, samples: state.samples + 1 }
}

function fence({ sketch }: ThresholdState): number {
  const median = sketchQuantile(sketch, 0.5)
  return Math.max(median + 5 * (sketchQuantile(sketch, 0.9) - median), 2 * median)
}

/** Whether the later half is hardly higher than the earlier: a level, not a machine on its way to breaking. */
function isSteady(errors: readonly number[]): boolean {
  const half = Math.floor(errors.length / 2)
  return medianOf(errors.slice(half)) <= 1.2 * medianOf(errors.slice(0, half))
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY
}

function checked(error: number): number {
  if (!(error >= 0 && error < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`A reconstruction error is a number from 0 up, not ${error}.`)
  }
  return error
}
