// Sensor data by MQTT: every message is answered as POST /infer would answer its points, acknowledged when the answer is
// recorded, and anomalies are published back through an outbox.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAlert } from '../../alert.ts'
import { DugaError } from '../../errors.ts'
import type { ServiceKit } from '../../http/kit.ts'
import { keepText } from '../../store/home.ts'
import type { Forwarder } from '../../store/outbox/forwarder.ts'
import { type MqttClient, type MqttMessage, startMqttClient } from '../../streams/mqtt-client.ts'
import type { VibrationAnswer } from './answer.ts'
import type { Ingest } from './ingest.ts'
import type { VibrationInput } from './input.ts'
import { keyOf, readDevice, readMessage, toTopic } from './stream-message.ts'
import { createStreamWindows, type RecordWindow } from './stream-windows.ts'

type Kit = ServiceKit<VibrationInput, VibrationAnswer>

export interface Stream {
  start(): void
  close(): Promise<void>
}

const ALERT_MS = 10_000
const RETRY_MS = 250
const MAX_RETRY_MS = 5000

export async function openStream(kit: Kit, ingest: Ingest): Promise<Stream> {
  const { config, clock, log, stores } = kit
  const { mqttTopic: filter, mqttAnomalyTopic: anomalies } = config
  const clientId = config.mqttClientId ?? (await keepClientId(kit))
  const closing = new AbortController()
  let client: MqttClient | null = null
  const outbox = await openAnomalyOutbox(kit, () => client)

  const record: RecordWindow = async ({ device, points }, row) => {
    const input: VibrationInput = { data: points, device_id: device }
    await ingest(
      input,
      (options) => kit.answer(input, options),
      async (answer) => {
        if (!answer.anomaly_status) return [row]
        const message = JSON.stringify({ topic: toTopic(anomalies, device), answer })
        await outbox.append([Buffer.from(message)])
        return [row]
      },
    )
  }
  const alertMalformed = createAlert<unknown>(ALERT_MS, (count, error) => {
    log.warn({ count, reason: (error as Error).message }, 'messages of the stream were malformed')
  })
  const alertFailed = createAlert<unknown>(ALERT_MS, (count, err) => {
    log.warn({ count, err }, 'messages of the stream could not be answered; they are tried again')
  })

  // It stays with the broker, unacknowledged; what is behind it waits there as well.
  const failed = async (error: unknown, tries: number): Promise<void> => {
    if (error instanceof DugaError && error.code === 'input.invalid') throw error
    kit.countMessage('failed')
    alertFailed(1, error)
    const delay = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** tries)
    await sleep(delay, null, { signal: closing.signal })
  }
  const { streamDevices: store } = stores
  const windows = createStreamWindows({ store, clock, record, failed })

  const onMessage = async ({ topic, payload, packetId, repeated }: MqttMessage): Promise<void> => {
    try {
      const { points, id } = readMessage(payload)
      const device = readDevice(topic, filter)
      const key = keyOf(packetId, payload, id)
      const mayBeKnown = repeated || id !== null
      const isNew = await windows.take({ device, points, key, mayBeKnown })
      kit.countMessage(isNew ? 'taken' : 'duplicate')
    } catch (error) {
      if (!(error instanceof DugaError) || error.code !== 'input.invalid') throw error
      kit.countMessage('malformed')
      alertMalformed(1, error)
    }
  }

  return {
    start: () => {
      client = startMqttClient({ url: config.mqttUrl!, clientId, filter, onMessage, log })
    },
    close: async () => {
      closing.abort()
      await client?.close()
    },
  }
}

async function openAnomalyOutbox(kit: Kit, client: () => MqttClient | null): Promise<Forwarder> {
  return await kit.outboxes!.open({
    name: 'mqtt',
    deliver: async (records) => {
      const open = client()
      if (open === null) throw new Error('the server has not started yet')
      const sent = records.map(async ({ payload }) => {
        const { topic, answer } = JSON.parse(Buffer.from(payload).toString()) as {
          readonly topic: string
          readonly answer: VibrationAnswer
        }
        await open.publish(topic, Buffer.from(JSON.stringify(answer)))
      })
      await Promise.all(sent)
    },
    close: async () => {},
  })
}

/** The session is the home's: another server on another home is another session. */
async function keepClientId({ folders }: Kit): Promise<string> {
  const make = (): string => `duga-${randomBytes(8).toString('hex')}`
  return await keepText(folders.home, 'mqtt-client-id', make)
}
