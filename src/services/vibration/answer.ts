// The answer of a vibration batch: the reconstruction error, judged by the training errors alone.
// The contract's routes judge it again by what its device has shown: see devices.ts.
import type { AnswerContext } from '../../engine/service.ts'
import { source, type ThresholdSource, update } from '../../tensor/dynamic-threshold.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import type { VibrationInput } from './input.ts'
import { toVibrationSpec, type VibrationSpec } from './spec.ts'
import { toTimestamp } from './timestamps.ts'

export interface VibrationAnswer {
  /** Local time with microseconds, without offset. */
  readonly timestamp: string
  /** Mean absolute difference between the scaled input and the model's output. */
  readonly reconstruction_error: number
  readonly anomaly_status: boolean
  /** An anomaly's error is above this. */
  readonly threshold: number
  readonly threshold_source: ThresholdSource
  /** Errors that the threshold rests on, training errors included. */
  readonly threshold_samples: number
  readonly device_id: string | null
  readonly model_version: string
}

export function toAnswer(
  outputs: Tensors,
  context: AnswerContext<VibrationInput>,
): VibrationAnswer {
  const { input, manifest, clock } = context
  const spec = toVibrationSpec(manifest)
  const error = reconstructionError(outputs, context.extra, spec)
  const { initial } = spec
  const { threshold, anomaly } = update(initial, error, spec)
  return {
    timestamp: toTimestamp(clock.now()),
    reconstruction_error: error,
    anomaly_status: anomaly,
    threshold,
    threshold_source: source(initial),
    threshold_samples: initial.seeded,
    device_id: input?.device_id ?? null,
    model_version: manifest.version,
  }
}

/** Mean absolute difference of output and scaled input. */
export function reconstructionError(outputs: Tensors, extra: unknown, spec: VibrationSpec): number {
  const rebuilt = outputs[spec.outputName]?.data as Float32Array | undefined
  const scaled = (spec.scalerInGraph ? outputs.scaled?.data : extra) as
    | ArrayLike<number>
    | undefined
  if (rebuilt === undefined || scaled === undefined || rebuilt.length !== scaled.length) {
    throw new TypeError(`The model's output does not have the shape of its input.`)
  }
  let sum = 0
  for (let i = 0; i < rebuilt.length; i++) sum += Math.abs(rebuilt[i]! - scaled[i]!)
  const error = sum / rebuilt.length
  if (!Number.isFinite(error))
    throw new TypeError('The model answered a number that is not finite.')
  return error
}
