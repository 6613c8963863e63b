// One connection to an MQTT broker: handshake, subscription, keep-alive. A half-open connection is known by a ping that
// nobody answers.
import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import mqtt, { type Packet } from 'mqtt-packet'

export interface Connection {
  /** Without user and password. */
  readonly broker: string
  send(packet: Packet): void
  /** Closes it when all that was sent is gone. */
  end(): void
  /** Resolves when it is over, however. */
  readonly ended: Promise<void>
}

export interface ConnectOptions {
  /** `mqtt://user:password@host:1883` or `mqtts://…`. */
  readonly url: string
  readonly clientId: string
  /** To subscribe to, at QoS 1; null: only to publish. */
  readonly filter: string | null
  readonly keepAliveSeconds?: number
  /** Whether the broker forgets the session with the connection. */
  readonly clean?: boolean
  readonly onPacket: (from: Connection, packet: Packet) => void
  readonly signal: AbortSignal
}

const HANDSHAKE_MS = 10_000
const SUBSCRIPTION_ID = 1

/** MQTT 3.1.1, table 3.1. */
const REFUSALS: readonly string[] = [
  '',
  'the broker does not speak MQTT 3.1.1',
  'the broker refuses the client id',
  'the broker is not available',
  'the broker refuses user or password',
  'the broker refuses this client',
]

/** Resolves when the broker has taken the subscription. @throws what went wrong until then */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { url, clientId, filter, keepAliveSeconds = 15, clean = false, signal } = options
  const { hostname, host, port, protocol, username, password } = new URL(url)
  const broker = `${protocol}//${host}`
  const address = { host: hostname.replace(/^\[(.*)\]$/, '$1'), noDelay: true }
  const socket: Socket =
    protocol === 'mqtts:'
      ? connectTls({ ...address, port: Number(port || 8883), servername: address.host })
      : createConnection({ ...address, port: Number(port || 1883) })
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const send = (packet: Packet): void => {
    if (socket.writable) mqtt.writeToStream(packet, socket)
  }
  const connection: Connection = { broker, send, end: () => socket.end(), ended }
  const ready = Promise.withResolvers<void>()
  socket.on('error', (error) => ready.reject(error))
  ended.then(
    () => ready.reject(new Error('the broker closed the connection')),
    () => {},
  )

  const onPacket = (packet: Packet): void => {
    if (packet.cmd === 'connack') {
      const { returnCode = 0 } = packet
      if (returnCode !== 0) ready.reject(new Error(REFUSALS[returnCode] ?? 'the broker refuses'))
      else if (filter === null) ready.resolve()
      else {
        const subscriptions = [{ topic: filter, qos: 1 as const }]
        send({ cmd: 'subscribe', messageId: SUBSCRIPTION_ID, subscriptions })
      }
    } else if (packet.cmd === 'suback') {
      if (packet.granted.some((granted) => granted === 128)) {
        ready.reject(new Error(`the broker refuses the subscription to ${filter}`))
      } else ready.resolve()
    }
    options.onPacket(connection, packet)
  }
  const parser = mqtt.parser({ protocolVersion: 4 })
  parser.on('packet', onPacket)
  parser.on('error', (error: Error) => socket.destroy(error))

  let heard = performance.now()
  socket.on('data', (bytes) => {
    heard = performance.now()
    parser.parse(bytes)
  })
  const beat = setInterval(() => {
    if (performance.now() - heard > keepAliveSeconds * 1500) socket.destroy()
    else send({ cmd: 'pingreq' })
  }, keepAliveSeconds * 500)
  beat.unref()
  const late = setTimeout(
    () => socket.destroy(new Error('the broker does not answer')),
    HANDSHAKE_MS,
  )
  const abort = (): void => ready.reject(new Error('closed'))
  signal.addEventListener('abort', abort)
  ended.then(
    () => clearInterval(beat),
    () => {},
  )
  const user = username === '' ? {} : { username: decodeURIComponent(username) }
  const secret = password === '' ? {} : { password: Buffer.from(decodeURIComponent(password)) }
  send({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean },
    ...{ clientId, keepalive: keepAliveSeconds, ...user, ...secret },
  })
  try {
    await ready.promise
    return connection
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', abort)
  }
}
