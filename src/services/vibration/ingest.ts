// What happens to a batch, whichever way it came: the model's answer, its device's judgement, and all that is to be kept of
// it, written before anybody hears of the answer.
import type { Prediction, PredictOptions, ServiceKit } from '../../http/kit.ts'
import type { SideRow } from '../../store/stores.ts'
import type { ForwardReading } from '../../store/time-series/forward-vibration.ts'
import type { VibrationAnswer } from './answer.ts'
import type { Devices, Judged } from './devices.ts'
import { CHANNELS, type VibrationInput } from './input.ts'
import { toPlotRecord } from './plot-record.ts'
import { toVibrationSpec } from './spec.ts'

/**
 * @param ask has the kit predict, with these options
 * @param keep rows that are to be in the same transaction, and what is to be on disk before it
 */
export type Ingest = (
  input: VibrationInput,
  ask: (options: PredictOptions<VibrationAnswer>) => Promise<Prediction<VibrationAnswer>>,
  keep?: (answer: VibrationAnswer) => Promise<readonly SideRow[]>,
) => Promise<VibrationAnswer>

export function createIngest(
  kit: Pick<ServiceKit<VibrationInput, VibrationAnswer>, 'activeManifest' | 'publish'>,
  devices: Devices,
  forward: ForwardReading | null,
): Ingest {
  return async (input, ask, keep) => {
    const { answer } = await ask({
      reference: input.device_id ?? 'batch',
      finish: async (byTraining) => {
        const manifest = kit.activeManifest()
        const current = manifest?.version === byTraining.model_version
        const spec = current ? toVibrationSpec(manifest) : null
        const judged = await devices.judge({ data: input.data, answer: byTraining, spec })
        // The answer is what the history records after this; it is to hold the device's judgement.
        Object.assign(byTraining, judged.answer)
        const kept = keep === undefined ? [] : await keep(judged.answer)
        // Before the history: an answer that is in it is in the outboxes too, whenever the server is killed.
        if (forward !== null) await forward(toReading(judged, input))
        return [...toSideRows(judged), ...kept]
      },
    })
    kit.publish('batch', { ...answer, data: input.data })
    return answer
  }
}

function toReading({ answer, micros }: Judged, { data }: VibrationInput) {
  const last = data.at(-1)!
  return {
    deviceId: answer.device_id,
    timestamp: answer.timestamp,
    micros,
    error: answer.reconstruction_error,
    threshold: answer.threshold,
    anomaly: answer.anomaly_status,
    last: CHANNELS.map((channel) => last[`${channel}_accelerometer_data`]),
  }
}

function toSideRows({ answer, micros, completed }: Judged): SideRow[] {
  const rows: SideRow[] = []
  const { timestamp, device_id: deviceId } = answer
  if (answer.anomaly_status) {
    rows.push({
      table: 'vibration_anomalies',
      deviceId,
      timestamp,
      reconstructionError: answer.reconstruction_error,
      threshold: answer.threshold,
    })
  }
  if (completed !== null) {
    const points = JSON.stringify(toPlotRecord(completed))
    rows.push({ table: 'vibration_plots', deviceId, timestamp, points, created: micros })
  }
  return rows
}
