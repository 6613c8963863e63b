// The routes of the old vibration API. A batch is answered by the model, judged by its device's own threshold, and
// written down with what belongs to it in one transaction; plots are drawn when they are asked for.
import type { FastifyInstance } from 'fastify'
import { DugaError } from '../../errors.ts'
import { presentFastApiError } from '../../http/fastapi-error.ts'
import type { Contract, ServiceKit } from '../../http/kit.ts'
import { documentErrors } from '../../http/plugins/complete-document.ts'
import type { SideRow } from '../../store/stores.ts'
import type { VibrationAnswer } from './answer.ts'
import { createDevices, type Devices, type Judged } from './devices.ts'
import type { VibrationInput } from './input.ts'
import { toPlotRecord } from './plot-record.ts'
import { createPlots, type Plots } from './plots.ts'
import { ANSWER_SCHEMA, BATCH_SCHEMA, DETAIL_SCHEMA } from './schema.ts'
import { toVibrationSpec } from './spec.ts'
import { createTimestampSource, type TimestampSource } from './timestamps.ts'

type Kit = ServiceKit<VibrationInput, VibrationAnswer>

/** Most plots kept; the oldest go first. */
const KEPT_PLOTS = 1000
/** How long what a device taught waits before it is written; a killed server forgets no more than this. */
const FLUSH_MS = 1000

export const vibrationContract: Contract<VibrationInput, VibrationAnswer> = async (app, kit) => {
  const { deviceThresholds, vibrationPlots } = kit.stores
  const newest = Math.max(await deviceThresholds.latest(), await vibrationPlots.latest())
  const timestamps = createTimestampSource(kit.clock, newest)
  const plots = createPlots(vibrationPlots)
  let timer: NodeJS.Timeout | undefined
  const devices = createDevices(deviceThresholds, timestamps, {
    onChange: () => {
      timer = setTimeout(() => void writeBack(), FLUSH_MS)
      timer.unref()
    },
  })
  const writeBack = async (): Promise<void> => {
    try {
      await devices.flush()
      await vibrationPlots.prune(KEPT_PLOTS)
    } catch (error) {
      kit.log.error({ err: error }, 'vibration thresholds could not be written; tried again')
    }
  }
  app.addHook('onClose', async () => {
    clearTimeout(timer)
    await plots.close()
    await devices.flush()
  })
  kit.presentErrors(app, presentFastApiError)
  documentErrors(app, DETAIL_SCHEMA)
  inferRoute(app, kit, devices, timestamps)
  plotRoute(app, plots)
}

function inferRoute(
  app: FastifyInstance,
  kit: Kit,
  devices: Devices,
  timestamps: TimestampSource,
): void {
  const schema = {
    summary: 'Judge a batch of 24 points',
    body: BATCH_SCHEMA,
    response: { 200: ANSWER_SCHEMA, '4xx': DETAIL_SCHEMA, '5xx': DETAIL_SCHEMA },
  }
  app.post<{ Body: VibrationInput }>('/infer', { schema }, async (request, reply) => {
    const input = request.body
    const { answer } = await kit.predict(request, reply, input, {
      reference: input.device_id ?? 'batch',
      finish: async (byTraining) => {
        const manifest = kit.activeManifest()
        const current = manifest?.version === byTraining.model_version
        const spec = current ? toVibrationSpec(manifest) : null
        const judged = await devices.judge({ data: input.data, answer: byTraining, spec })
        // The answer is what the history records after this; it is to hold the device's judgement.
        Object.assign(byTraining, judged.answer)
        return toSideRows(judged, timestamps)
      },
    })
    kit.publish('batch', { ...answer, data: input.data })
    return answer
  })
}

function plotRoute(app: FastifyInstance, plots: Plots): void {
  const schema = {
    summary: 'The plot of the 100 points that this answer completed',
    params: {
      type: 'object',
      properties: { timestamp: { type: 'string', description: 'As /infer answered it.' } },
      required: ['timestamp'],
    },
    response: {
      200: { description: 'The plot.', content: { 'image/png': { schema: {} } } },
      '4xx': DETAIL_SCHEMA,
      '5xx': DETAIL_SCHEMA,
    },
  }
  app.get<{ Params: { timestamp: string } }>(
    '/plot/:timestamp',
    { schema },
    async (request, reply) => {
      const { timestamp } = request.params
      const png = await plots.get(timestamp)
      if (png === null) throw new DugaError('request.not-found', { what: `plot ${timestamp}` })
      return reply.type('image/png').header('cache-control', 'private, max-age=86400').send(png)
    },
  )
}

function toSideRows({ answer, completed }: Judged, timestamps: TimestampSource): SideRow[] {
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
    rows.push({
      table: 'vibration_plots',
      deviceId,
      timestamp,
      points,
      created: timestamps.latest(),
    })
  }
  return rows
}
