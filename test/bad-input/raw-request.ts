// HTTP by hand: bytes on a socket, so that also what no client library sends can be sent.
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers: string
}

export interface RawOptions {
  /** Say that nothing more comes; a server may then end the connection without an answer. */
  readonly end?: boolean
}

/**
 * Sends the pieces one after the other and reads the first answer.
 * @returns null where the server ended the connection without one
 */
export async function sendRaw(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  { end = false }: RawOptions = {},
): Promise<RawAnswer | null> {
  const socket = openSocket(url)
  for (const piece of pieces) socket.write(piece)
  if (end) socket.end()
  const parts: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<RawAnswer | null>()
  socket.on('data', (part: Buffer) => {
    parts.push(part)
    const answer = parse(Buffer.concat(parts))
    if (answer !== null) resolve(answer)
  })
  socket.on('close', () => resolve(null))
  // A server that has refused may reset the connection; what it said counts.
  socket.on('error', () => {})
  const answer = await promise
  socket.destroy()
  return answer
}

/** A connection to the server that a test keeps in its hands. */
export function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect({ host: hostname, port: Number(port) })
}

/** The head of a request, without the empty line behind it. */
export function headOf(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | number>> = {},
): string {
  const lines = Object.entries({ host: 'localhost', ...headers })
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`
}

/** The first answer in the bytes; null while it is not whole. */
function parse(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const headers = bytes.subarray(0, end).toString('latin1')
  const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? 0)
  const body = bytes.subarray(end + 4)
  if (body.length < length) return null
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1]),
    type: /^content-type: (.*)$/im.exec(headers)?.[1]?.trim() ?? '',
    text: body.subarray(0, length).toString('utf8'),
    headers,
  }
}
