// PostgreSQL's encryption before a server that has none: answers its SSLRequest, and passes on what was decrypted.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

const folder = new URL('../fixtures/tls/', import.meta.url)

/** The authority that signed the proxy's certificate, which is for `localhost`. */
export const CERTIFICATE = new URL('cert.pem', folder).pathname

export async function startTlsProxy(
  host: string,
  port: number,
): Promise<{ readonly port: number; close(): void }> {
  const cert = readFileSync(CERTIFICATE)
  const key = readFileSync(new URL('key.pem', folder))
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    sockets.add(client)
    client.once('data', () => {
      client.write('S')
      const clear = new TLSSocket(client, { isServer: true, cert, key })
      const server = connect(port, host)
      clear.pipe(server)
      server.pipe(clear)
      // A client that does not trust the certificate ends the connection.
      for (const end of [clear, server]) end.on('error', () => client.destroy())
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
