// A TCP proxy before a real server that can be told to misbehave: away, slow, cut off, half open, or losing an answer.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface FaultProxy {
  readonly port: number
  /** Connections are refused from now on; those there are stay. */
  refuse(): Promise<void>
  /** Connections are accepted again, on the same port. */
  accept(): Promise<void>
  /** Resets every connection. */
  cut(): void
  /** Connections that neither end has closed. */
  connections(): number
  /** Every connection there is goes on, but nothing passes any more: the other end has vanished. New ones work. */
  stall(): void
  /** Holds every answer back for so long. */
  slow(milliseconds: number): void
  /**
   * The next time a client sends this text, the server gets it, but its answer is lost with the connection.
   * @returns resolves when that has happened
   */
  loseAnswerTo(text: string): Promise<void>
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  stalled: boolean
}

export async function startFaultProxy(host: string, port: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let delay = 0
  let lose: { readonly text: Buffer; readonly done: () => void } | null = null
  const open = (client: Socket): void => {
    const pair: Pair = { client, server: connect(port, host), stalled: false }
    pairs.add(pair)
    let lost = false
    client.on('data', (bytes) => {
      if (pair.stalled) return
      pair.server.write(bytes)
      if (lose === null || !bytes.includes(lose.text)) return
      const { done } = lose
      lose = null
      lost = true
      pair.server.once('data', () => {
        client.resetAndDestroy()
        done()
      })
    })
    pair.server.on('data', (bytes) => {
      if (lost || pair.stalled) return
      if (delay === 0) client.write(bytes)
      else setTimeout(() => client.write(bytes), delay)
    })
    for (const [one, other] of [
      [client, pair.server],
      [pair.server, client],
    ] as const) {
      // What broke is told to the other end by closing it.
      one.on('error', () => {})
      one.on('close', () => {
        pairs.delete(pair)
        if (!pair.stalled) other.destroy()
      })
    }
  }
  const listen = async (at: number) => {
    const listener = createServer(open)
    listener.listen(at, '127.0.0.1')
    await once(listener, 'listening')
    return listener
  }
  let listener: Awaited<ReturnType<typeof listen>> | null = await listen(0)
  const own = (listener.address() as AddressInfo).port
  const refuse = async () => {
    const closed = listener
    listener = null
    // Not awaited: it closes when its last connection does.
    closed?.close()
  }
  return {
    port: own,
    refuse,
    accept: async () => {
      listener ??= await listen(own)
    },
    cut: () => {
      for (const { client } of [...pairs]) client.resetAndDestroy()
    },
    connections: () => pairs.size,
    stall: () => {
      for (const pair of pairs) pair.stalled = true
    },
    slow: (milliseconds) => {
      delay = milliseconds
    },
    loseAnswerTo: (text) =>
      new Promise((resolve) => {
        lose = { text: Buffer.from(text), done: resolve }
      }),
    close: async () => {
      await refuse()
      for (const { client, server } of [...pairs]) {
        client.destroy()
        server.destroy()
      }
    },
  }
}
