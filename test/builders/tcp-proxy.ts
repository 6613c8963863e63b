// A TCP proxy before a real server that fails as networks do: refuses, is slow, goes silent, or loses what was answered.

import type { AddressInfo } from 'node:net'
import { createConnection, createServer, type Socket } from 'node:net'

export interface ProxyMode {
  /** `refuse`: connections are reset. `silent`: they stay open, and nothing passes: half-open. Default: `open`. */
  readonly state?: 'open' | 'refuse' | 'silent'
  /** How long each piece waits, in milliseconds. */
  readonly delayMs?: number
  /** The server gets what it is sent; the connection is reset in place of its answer. */
  readonly loseAnswers?: boolean
}

export interface TcpProxy {
  readonly port: number
  /** How connections behave from now on, open ones too. */
  set(mode: ProxyMode): void
  /** Resets every open connection. */
  reset(): void
  /** Connections that were opened so far. */
  connections(): number
  /** Answers that were lost so far. */
  lost(): number
  close(): Promise<void>
}

/** @param target port of the server on the loopback */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let mode: ProxyMode = {}
  let opened = 0
  let lost = 0
  const sockets = new Set<Socket>()

  const track = (socket: Socket): void => {
    sockets.add(socket)
    // A connection that is cut is what this is for.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }

  const pass = (from: Socket, to: Socket, isAnswer: boolean): void => {
    let tail = Promise.resolve()
    from.on('data', (bytes) => {
      tail = tail.then(async () => {
        const { delayMs = 0 } = mode
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
        if (mode.state === 'silent') return
        if (isAnswer && mode.loseAnswers) {
          lost += 1
          cut(to)
          return
        }
        if (to.writable) to.write(bytes)
      })
    })
    from.on('close', () => {
      tail.then(
        () => mode.state !== 'silent' && to.destroy(),
        () => {},
      )
    })
  }

  const server = createServer((client) => {
    opened += 1
    track(client)
    if (mode.state === 'refuse') {
      cut(client)
      return
    }
    const upstream = createConnection({ host: '127.0.0.1', port: target })
    track(upstream)
    pass(client, upstream, false)
    pass(upstream, client, true)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const reset = (): void => {
    for (const socket of sockets) cut(socket)
  }
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      mode = next
      if (next.state === 'refuse') reset()
    },
    reset,
    connections: () => opened,
    lost: () => lost,
    close: async () => {
      reset()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Resets it; one that is half closed already cannot be reset, and would keep the process from its end. */
function cut(socket: Socket): void {
  if (socket.writableEnded || socket.connecting || socket.destroyed) socket.destroy()
  else socket.resetAndDestroy()
}
