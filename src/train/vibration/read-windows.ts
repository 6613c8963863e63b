// A sensor table → windows of normal and anomalous running, split by stretches of time.
import { DugaError } from '../../errors.ts'
import { readSensorWindows, type SensorWindow } from '../data/read-sensor.ts'
import type { Skipped } from '../data/row.ts'
import { splitRows } from '../data/split-rows.ts'
import type { VibrationRecipe } from './recipe.ts'

export interface VibrationData {
  readonly train: readonly SensorWindow[]
  readonly validation: readonly SensorWindow[]
  /** Both states; trained on by nobody. */
  readonly test: {
    readonly normal: readonly SensorWindow[]
    readonly anomalous: readonly SensorWindow[]
  }
  /** Those that neither trained nor judged: for choosing recipes. */
  readonly otherAnomalous: readonly SensorWindow[]
  readonly skipped: readonly Skipped[]
  readonly notices: readonly string[]
}

export interface ReadOptions {
  readonly recipe: VibrationRecipe
  readonly seed: number
  /** The label of rows that are as they should be; guessed where it is not given. */
  readonly normal?: string
  readonly signal?: AbortSignal
}

/** Words for a healthy machine, tried in turn; 3 is the balanced fan of UCI's data set. */
const NORMAL_NAMES = ['normal', 'ok', 'good', 'healthy', 'balanced', 'false', '0', '3', '']
const NEEDED = 50
const SKIPPED_KEPT = 100

export interface LabelledWindows {
  /** Labelled `normal` or `anomalous`. */
  readonly windows: readonly SensorWindow[]
  readonly skipped: readonly Skipped[]
  readonly notices: readonly string[]
}

/** @throws DugaError training.unreadable, training.columns, training.no-normal */
export async function readLabelledWindows(
  path: string,
  options: Omit<ReadOptions, 'seed'>,
): Promise<LabelledWindows> {
  const { recipe, signal } = options
  const { window, block } = recipe
  const skipped: Skipped[] = []
  let left = 0
  const windows: SensorWindow[] = []
  const reading = readSensorWindows(path, {
    ...{ window, block },
    onSkip: (one) => (skipped.length < SKIPPED_KEPT ? skipped.push(one) : left++),
    ...(signal && { signal }),
  })
  for await (const one of reading) windows.push(one)
  const normal = options.normal?.trim().toLowerCase() ?? guessNormal(windows)
  const rows = windows.map((row) => ({
    ...row,
    label: row.label.toLowerCase() === normal ? 'normal' : 'anomalous',
  }))
  return { windows: rows, skipped, notices: noticesOf(windows, normal, skipped.length + left) }
}

/** @throws DugaError training.unreadable, training.columns, training.no-normal, training.too-few-rows */
export async function readVibrationData(
  path: string,
  options: ReadOptions,
): Promise<VibrationData> {
  const { recipe, seed } = options
  const { windows: rows, skipped, notices } = await readLabelledWindows(path, options)
  const count = rows.filter(({ label }) => label === 'normal').length
  if (count < NEEDED) {
    throw new DugaError('training.too-few-rows', { category: 'normal', count, needed: NEEDED })
  }
  const { test, validation } = recipe
  // Every speed of every state gives stretches to each side.
  const strata = rows.map((row) => ({
    ...row,
    label: JSON.stringify([row.label, row.device, row.speed]),
  }))
  const { sides } = splitRows(strata, { seed, test, validation })
  const pick = (label: string, wanted: (side: string) => boolean): SensorWindow[] =>
    rows.filter((row, i) => row.label === label && wanted(sides[i]!))
  return {
    train: pick('normal', (side) => side === 'train'),
    validation: pick('normal', (side) => side === 'validation'),
    test: {
      normal: pick('normal', (side) => side === 'test'),
      anomalous: pick('anomalous', (side) => side === 'test'),
    },
    otherAnomalous: pick('anomalous', (side) => side !== 'test'),
    ...{ skipped, notices },
  }
}

function guessNormal(windows: readonly SensorWindow[]): string {
  const labels = new Set(windows.map(({ label }) => label.toLowerCase()))
  const known = NORMAL_NAMES.find((name) => labels.has(name))
  if (known !== undefined) return known
  if (labels.size <= 1) return [...labels][0] ?? ''
  const found = [...labels].slice(0, 10).join(', ')
  throw new DugaError('training.no-normal', { found })
}

function noticesOf(windows: readonly SensorWindow[], normal: string, skipped: number): string[] {
  const others = [...new Set(windows.map(({ label }) => label))].filter(
    (label) => label.toLowerCase() !== normal,
  )
  const notices: string[] = []
  if (others.length > 0) {
    notices.push(
      `Rows of the state "${normal}" count as normal; ${others.map((label) => `"${label}"`).join(', ')} only judged the model.`,
    )
  } else {
    notices.push('All rows count as normal: how well anomalies are found is not known.')
  }
  if (skipped > 0) notices.push(`${skipped} rows were no points and were left out.`)
  return notices
}
