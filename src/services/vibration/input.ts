// What a vibration request holds, and the check of it for callers that come without a schema (command line, tests).

import { DugaError } from '../../errors.ts'
import type { Window } from '../../tensor/window-statistics.ts'

export interface VibrationPoint {
  /** All four in g, or in whatever unit the model was trained on. */
  readonly x_accelerometer_data: number
  readonly y_accelerometer_data: number
  readonly z_accelerometer_data: number
  readonly acceleration_accelerometer_data: number
}

export interface VibrationInput {
  /** Exactly {@link WINDOW_POINTS}, oldest first. */
  readonly data: readonly VibrationPoint[]
  /** Threshold, buffer and plots are kept per device; without one, those of a nameless device. */
  readonly device_id?: string | null
}

export const WINDOW_POINTS = 24

/** Beyond this a point is no acceleration in any unit, and its fourth power would leave float64's digits. */
export const LARGEST_VALUE = 1e9

export const LONGEST_DEVICE_ID = 255

/** Columns of a point in the order in which raw windows hold them. */
export const CHANNELS = ['x', 'y', 'z', 'acceleration'] as const

/** The four columns of a batch, each {@link WINDOW_POINTS} long. @throws DugaError input.invalid */
export function toWindow(points: readonly VibrationPoint[]): Record<keyof Window, Float64Array> {
  if (!Array.isArray(points) || points.length !== WINDOW_POINTS) {
    const found = Array.isArray(points) ? `not ${points.length}` : 'in a list "data"'
    throw invalid(`a batch has ${WINDOW_POINTS} points, ${found}`)
  }
  const window = {
    x: new Float64Array(WINDOW_POINTS),
    y: new Float64Array(WINDOW_POINTS),
    z: new Float64Array(WINDOW_POINTS),
    acceleration: new Float64Array(WINDOW_POINTS),
  }
  for (let i = 0; i < WINDOW_POINTS; i++) {
    const point = points[i]!
    window.x[i] = checked(point?.x_accelerometer_data, i, 'x')
    window.y[i] = checked(point?.y_accelerometer_data, i, 'y')
    window.z[i] = checked(point?.z_accelerometer_data, i, 'z')
    window.acceleration[i] = checked(point?.acceleration_accelerometer_data, i, 'acceleration')
  }
  return window
}

/** A point with its four numbers and nothing else. @throws DugaError input.invalid */
export function toPoint(value: unknown, index: number): VibrationPoint {
  const point = value as VibrationPoint | null | undefined
  return {
    x_accelerometer_data: checked(point?.x_accelerometer_data, index, 'x'),
    y_accelerometer_data: checked(point?.y_accelerometer_data, index, 'y'),
    z_accelerometer_data: checked(point?.z_accelerometer_data, index, 'z'),
    acceleration_accelerometer_data: checked(
      point?.acceleration_accelerometer_data,
      index,
      'acceleration',
    ),
  }
}

function checked(value: unknown, index: number, axis: string): number {
  if (typeof value === 'number' && Math.abs(value) <= LARGEST_VALUE) return value
  throw invalid(`point ${index} has no number from −1e9 to 1e9 as ${axis}_accelerometer_data`)
}

function invalid(reason: string): DugaError {
  return new DugaError('input.invalid', { reason })
}
