// A stream of server-sent events (WHATWG HTML, section 9.2) on a Fastify reply.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LiveEvent } from './event-bus.ts'

const HEARTBEAT_MS = 15_000
/** A watcher that reads this slowly is cut off, so that it cannot fill the memory. */
const MAX_BUFFERED_BYTES = 1024 * 1024

export interface EventStream {
  send(event: LiveEvent): void
  end(): void
}

/**
 * Opens the stream; the reply is hijacked.
 * @param onClose runs once when either side ends it
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  onClose: () => void,
): EventStream {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write(':ok\n\n')
  const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS)
  heartbeat.unref()
  const end = (): void => {
    raw.end()
  }
  const { closing } = request.server
  closing.addEventListener('abort', end)
  raw.once('close', () => {
    clearInterval(heartbeat)
    closing.removeEventListener('abort', end)
    onClose()
  })
  return {
    send: ({ event, data }) => {
      if (raw.writableLength > MAX_BUFFERED_BYTES) {
        request.log.warn('an event stream was cut off: its reader is too slow')
        raw.destroy()
        return
      }
      raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    end,
  }
}
