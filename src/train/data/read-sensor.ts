// Accelerometer tables → windows of points, as they come: one open window a device, speed or whatever tells streams
// apart. A row that is no point breaks its stream; no window bridges the gap.
import { createHash } from 'node:crypto'
import { DugaError } from '../../errors.ts'
import { type ColumnWish, readTable } from './read-table.ts'
import type { DataRow, Skipped } from './row.ts'

export interface SensorWindow extends DataRow {
  /** `window` × 4 values, point after point: x, y, z, acceleration. */
  readonly values: Float64Array
  /** Of the stream that it was cut from. */
  readonly device: string
  readonly speed: string
}

export interface SensorOptions {
  /** Points a window. Default: 24. */
  readonly window?: number
  /** Points from a window's start to the next one's. Default: `window`, no point in two windows. */
  readonly hop?: number
  /**
   * Points of a block: no window bridges two, and a block is what is kept on one side of a split. A split by block
   * judges on times that were not seen; without blocks the group is the whole stream. A multiple of `window`.
   */
  readonly block?: number
  /** Names of columns other than the usual. */
  readonly columns?: Partial<Readonly<Record<keyof typeof COLUMNS, string>>>
  readonly onSkip?: (skipped: Skipped) => void
  readonly signal?: AbortSignal
}

const COLUMNS = {
  x: wish('the x axis', ['x', 'x_accelerometer_data', 'accel_x', 'ax']),
  y: wish('the y axis', ['y', 'y_accelerometer_data', 'accel_y', 'ay']),
  z: wish('the z axis', ['z', 'z_accelerometer_data', 'accel_z', 'az']),
  acceleration: wish('the acceleration', ['acceleration', 'acceleration_accelerometer_data'], true),
  label: wish('the state', ['label', 'state', 'Sensor Configuration', 'wconfid'], true),
  device: wish('the device', ['device_id', 'device', 'machine', 'sensor'], true),
  speed: wish('the speed', ['speed', 'Rotation Speed Percentage', 'pctid', 'rpm'], true),
} as const satisfies Record<string, ColumnWish>

const CHANNELS = 4
/** Beyond this a value is no acceleration in any unit. */
const LARGEST = 1e9
/** Streams that one file may have; more are a column that was taken for a device by mistake. */
const MOST_STREAMS = 10_000

interface Stream {
  readonly points: Float64Array
  /** Points that `points` holds, from its start. */
  held: number
  /** Points since the stream began, and windows cut. */
  seen: number
  windows: number
}

/**
 * Where there is no acceleration column, or its cell is empty, it is √(x² + y² + z²).
 * Memory: one window a stream.
 * @throws DugaError training.unreadable, training.columns; RangeError for a window, hop or block that cannot be
 */
export async function* readSensorWindows(
  path: string,
  options: SensorOptions = {},
): AsyncGenerator<SensorWindow> {
  const { window = 24, hop = window, block = null, onSkip } = options
  checkSizes(window, hop, block)
  const streams = new Map<string, Stream>()
  for await (const { id, cells } of readTable(path, named(options.columns), options.signal)) {
    const file = id.slice(0, id.lastIndexOf(':'))
    const key = JSON.stringify([file, cells.label, cells.device, cells.speed])
    const stream = streams.get(key) ?? open(streams, key, window, file)
    const point = toPoint(cells)
    if (point === null) {
      onSkip?.({ file: id, reason: 'x, y and z are not all numbers from −1e9 to 1e9' })
      stream.held = 0
      continue
    }
    if (block !== null && stream.seen % block === 0) stream.held = 0
    // Below zero between windows that lie apart.
    if (stream.held >= 0) stream.points.set(point, stream.held * CHANNELS)
    stream.held += 1
    stream.seen += 1
    if (stream.held < window) continue
    const { label, device, speed } = cells
    const part = block === null ? '' : `#${Math.floor((stream.seen - 1) / block)}`
    const values = stream.points.slice()
    yield {
      id: `${file}:${[label, device, speed].join('/')}:${stream.windows}`,
      label: label.trim(),
      group: `${key}${part}`,
      contentHash: createHash('sha256').update(values).digest('hex'),
      values,
      device: device.trim(),
      speed: speed.trim(),
    }
    stream.windows += 1
    stream.points.copyWithin(0, Math.min(hop, window) * CHANNELS)
    stream.held = window - hop
  }
}

function wish(what: string, names: readonly string[], optional = false): ColumnWish {
  return { what, names, optional }
}

function named(chosen: SensorOptions['columns'] = {}): Record<keyof typeof COLUMNS, ColumnWish> {
  const entries = Object.entries(COLUMNS).map(([key, usual]) => {
    const name = chosen[key as keyof typeof COLUMNS]
    return [key, name === undefined ? usual : { what: usual.what, names: [name] }]
  })
  return Object.fromEntries(entries) as Record<keyof typeof COLUMNS, ColumnWish>
}

function checkSizes(window: number, hop: number, block: number | null): void {
  const whole = [window, hop, block ?? window].every((n) => Number.isInteger(n) && n > 0)
  if (!whole || (block !== null && block % window !== 0)) {
    throw new RangeError(
      `A window of ${window}, a hop of ${hop} and blocks of ${block} do not go together`,
    )
  }
}

function open(streams: Map<string, Stream>, key: string, window: number, file: string): Stream {
  if (streams.size >= MOST_STREAMS) {
    const reason = `it has more than ${MOST_STREAMS} devices, speeds and states`
    throw new DugaError('training.unreadable', { file, reason })
  }
  const stream = { points: new Float64Array(window * CHANNELS), held: 0, seen: 0, windows: 0 }
  streams.set(key, stream)
  return stream
}

function toPoint(
  cells: Readonly<Record<'x' | 'y' | 'z' | 'acceleration', string>>,
): readonly number[] | null {
  const [x, y, z] = [toNumber(cells.x), toNumber(cells.y), toNumber(cells.z)]
  const acceleration =
    cells.acceleration.trim() === '' ? Math.hypot(x, y, z) : toNumber(cells.acceleration)
  const point = [x, y, z, acceleration]
  // Written so that NaN fails too.
  return point.every((value) => Math.abs(value) <= LARGEST) ? point : null
}

/** NaN for an empty cell. A comma is the decimal mark where the cell has no point. */
function toNumber(cell: string): number {
  const text = cell.trim()
  if (text === '') return Number.NaN
  return Number(text.includes('.') ? text : text.replace(',', '.'))
}
