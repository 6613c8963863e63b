// One lasting session at an MQTT 3.1.1 broker: at least once in both directions. A message is acknowledged when whoever takes it
// has done with it, several at once; a lost connection is made again with back-off, and the broker sends again what it
// has no acknowledgement of. Packets are mqtt-packet's; what is done with them stands here.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Packet } from 'mqtt-packet'
import { backOff, pause } from '../back-off.ts'
import { type Connection, connect } from './mqtt-connection.ts'

export interface MqttMessage {
  readonly topic: string
  readonly payload: Uint8Array
  /** Whether the broker sent it before, or may have. */
  readonly repeated: boolean
  /** 1..65535; the same when it is sent again. 0: sent at most once, there is nothing to acknowledge. */
  readonly packetId: number
}

export interface MqttLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export interface MqttOptions {
  /** `mqtt://user:password@host:1883` or `mqtts://…`. */
  readonly url: string
  /** Names the session; the same over restarts. */
  readonly clientId: string
  /** Topic filter to subscribe to, at QoS 1; null: only to publish. */
  readonly filter: string | null
  /** It is acknowledged when this resolves. Where it rejects it is not: the broker sends it again in another connection. */
  readonly onMessage: (message: MqttMessage) => Promise<void>
  readonly log: MqttLog
  readonly keepAliveSeconds?: number
  readonly retryMs?: number
  readonly maxRetryMs?: number
}

export interface MqttClient {
  /** Resolves when the broker has it. @throws where there is no connection, or it is lost before the acknowledgement */
  publish(topic: string, payload: Uint8Array): Promise<void>
  connected(): boolean
  /** Takes nothing more, acknowledges what is under way, and leaves the session to the next run. */
  close(): Promise<void>
}

const CLOSE_MS = 3000

export function startMqttClient(options: MqttOptions): MqttClient {
  const { log, retryMs = 500, maxRetryMs = 30_000, onMessage } = options
  const closing = new AbortController()
  const underWay = new Set<Promise<void>>()
  let unacknowledged = new Map<number, PromiseWithResolvers<void>>()
  let connection: Connection | null = null
  let lastId = 0

  const take = (from: Connection, packet: Extract<Packet, { cmd: 'publish' }>): void => {
    const { topic, payload, dup: repeated, messageId: packetId = 0 } = packet
    const work = onMessage({ topic, payload: payload as Buffer, repeated, packetId })
      .then(
        () => {
          if (packetId !== 0) from.send({ cmd: 'puback', messageId: packetId })
        },
        (error: unknown) => {
          if (closing.signal.aborted) return
          log.warn(
            { err: error, topic },
            'a message could not be taken; the broker is to send it again',
          )
          from.end()
        },
      )
      .finally(() => underWay.delete(work))
    underWay.add(work)
  }

  const onPacket = (from: Connection, packet: Packet): void => {
    if (packet.cmd === 'publish' && !closing.signal.aborted) take(from, packet)
    if (packet.cmd === 'puback') {
      unacknowledged.get(packet.messageId!)?.resolve()
      unacknowledged.delete(packet.messageId!)
    }
  }

  const forget = (): void => {
    connection = null
    const lost = unacknowledged
    unacknowledged = new Map()
    for (const { reject } of lost.values())
      reject(new Error('the connection to the broker was lost'))
  }

  const run = async (): Promise<void> => {
    let failures = 0
    let told = false
    while (!closing.signal.aborted) {
      try {
        const opened = await connect({ ...options, onPacket, signal: closing.signal })
        connection = opened
        if (told) log.info({ broker: opened.broker }, 'the MQTT broker is back')
        told = false
        failures = 0
        await opened.ended
        throw new Error('the connection was lost')
      } catch (error) {
        forget()
        if (closing.signal.aborted) return
        failures += 1
        const { message, code } = error as Error & { code?: string }
        if (!told) log.warn({ reason: message || code }, 'the MQTT broker is away; tried again')
        told = true
      }
      const wait = backOff(failures, { firstMs: retryMs, mostMs: maxRetryMs })
      await pause(wait, closing.signal)
    }
  }
  const running = run()

  return {
    connected: () => connection !== null,
    publish: (topic, payload) => {
      if (connection === null) return Promise.reject(new Error('the MQTT broker is away'))
      do lastId = (lastId % 65_535) + 1
      while (unacknowledged.has(lastId))
      const done = Promise.withResolvers<void>()
      unacknowledged.set(lastId, done)
      const common = { dup: false, retain: false } as const
      const body = Buffer.from(payload)
      connection.send({
        cmd: 'publish',
        topic,
        payload: body,
        qos: 1,
        messageId: lastId,
        ...common,
      })
      return done.promise
    },
    close: async () => {
      closing.abort()
      await Promise.race([Promise.all(underWay), sleep(CLOSE_MS, null, { ref: false })])
      connection?.send({ cmd: 'disconnect' })
      connection?.end()
      await running
    },
  }
}
