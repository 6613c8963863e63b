// Requests that never reach a route: broken or endless HTTP, addresses with broken escapes.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

// Imported, `node:http` shows its WebSocket too, for which Node loads undici: 35 ms of each start.
const { STATUS_CODES } = process.getBuiltinModule('node:http')

const STATUS_OF: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large'],
}

/**
 * Answers what is not HTTP, and closes the connection. Which contract it was meant for is not known, so the body has
 * the field of each.
 */
export function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error)
    return
  }
  const [status, message] = STATUS_OF[error.code ?? ''] ?? [400, 'The request is not valid HTTP']
  const body = JSON.stringify({ detail: message, error: message, message, status })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/**
 * The address with every `%` that escapes nothing as `%25`: it then means itself, as in most servers, and the contract
 * that it leads to answers in its own shape.
 */
export function mendAddress({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const [path = '', ...query] = url.split('?')
  try {
    decodeURI(path)
    return url
  } catch {
    return [path.replaceAll('%', '%25'), ...query].join('?')
  }
}
