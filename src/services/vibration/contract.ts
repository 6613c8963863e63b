// The routes of the old vibration API; what happens to a batch stands in ingest.ts. Plots are drawn when they are asked for.
import type { FastifyInstance } from 'fastify'
import { DugaError } from '../../errors.ts'
import { presentFastApiError } from '../../http/fastapi-error.ts'
import type { Contract, ServiceKit } from '../../http/kit.ts'
import { documentErrors } from '../../http/plugins/complete-document.ts'
import type { ForwardReading } from '../../store/time-series/forward-vibration.ts'
import type { VibrationAnswer } from './answer.ts'
import { createDevices } from './devices.ts'
import { createIngest, type Ingest } from './ingest.ts'
import type { VibrationInput } from './input.ts'
import { createPlots, type Plots } from './plots.ts'
import { ANSWER_SCHEMA, BATCH_SCHEMA, DETAIL_SCHEMA } from './schema.ts'
import { createTimestampSource } from './timestamps.ts'

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
  const ingest = createIngest(kit, devices, await forwardTo(kit))
  inferRoute(app, kit, ingest)
  plotRoute(app, plots)
  if (kit.config.mqttUrl !== null) await takeStream(app, kit, ingest)
}

/** The other stores' code is loaded only where the settings name one. */
async function forwardTo({ config, outboxes }: Kit): Promise<ForwardReading | null> {
  if (outboxes === null) return null
  const { forwardVibration } = await import('../../store/time-series/forward-vibration.ts')
  return await forwardVibration(config, outboxes)
}

async function takeStream(app: FastifyInstance, kit: Kit, ingest: Ingest): Promise<void> {
  const { openStream } = await import('./stream.ts')
  const stream = await openStream(kit, ingest)
  app.addHook('onListen', async () => stream.start())
  app.addHook('preClose', () => stream.close())
}

function inferRoute(app: FastifyInstance, kit: Kit, ingest: Ingest): void {
  const schema = {
    summary: 'Judge a batch of 24 points',
    body: BATCH_SCHEMA,
    response: { 200: ANSWER_SCHEMA, '4xx': DETAIL_SCHEMA, '5xx': DETAIL_SCHEMA },
  }
  app.post<{ Body: VibrationInput }>('/infer', { schema }, async (request, reply) => {
    const input = request.body
    return await ingest(input, (options) => kit.predict(request, reply, input, options))
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
