import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { SafeFetchOptions } from './safe-fetch.ts'
import { safeFetch } from './safe-fetch.ts'

const picture = Buffer.from('picture')
/** Paths that the server which must never be reached was asked for. */
const inner: string[] = []

const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/ok': (_, response) => response.end(picture),
  '/headers': (request, response) => response.end(JSON.stringify(request.headers)),
  '/once': (_, response) => redirect(response, '/ok'),
  '/absolute': (_, response) => redirect(response, `http://a.test:${port}/ok`, 308),
  '/loop': (_, response) => redirect(response, '/loop'),
  '/to-inner': (_, response) => redirect(response, `http://inner.test:${innerPort}/stolen`),
  '/to-loopback': (_, response) => redirect(response, `http://127.0.0.1:${innerPort}/stolen`),
  '/to-mapped': (_, response) => redirect(response, `http://[::ffff:127.0.0.2]:${innerPort}/`),
  '/to-decimal': (_, response) => redirect(response, `http://2130706434:${innerPort}/stolen`),
  '/to-file': (_, response) => redirect(response, 'file:///etc/passwd'),
  '/to-user': (_, response) => redirect(response, `http://user:pass@a.test:${port}/ok`),
  '/to-nonsense': (_, response) => redirect(response, 'http://['),
  '/no-location': (_, response) => response.writeHead(302).end(),
  '/missing': (_, response) => response.writeHead(404).end('no'),
  '/broken': (_, response) => response.writeHead(500).end('no'),
  '/empty': (_, response) => response.writeHead(204).end(),
  '/declared': (_, response) => response.writeHead(200, { 'content-length': 2000 }).write('x'),
  '/endless': (_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536))) {}
    }
    response.on('drain', more)
    more()
  },
  '/gzip': (_, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(Buffer.alloc(1e6)))
  },
  '/silent': () => {},
  '/stalls': (_, response) => response.write('x'),
  '/drips': (_, response) => {
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  },
  '/reset': (_, response) => {
    response.write('x', () => response.destroy())
  },
  '/short': (_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('x', () => response.destroy())
  },
}

const server = await listen((request, response) => {
  routes[request.url ?? '']?.(request, response)
}, '127.0.0.1')
const innerServer = await listen((request, response) => {
  inner.push(request.url ?? '')
  response.end('secret')
}, '127.0.0.2')
const port = (server.address() as AddressInfo).port
const innerPort = (innerServer.address() as AddressInfo).port
after(() => {
  for (const each of [server, innerServer]) {
    each.closeAllConnections()
    each.close()
  }
})

/** 127.0.0.1 plays the public internet, all else stays forbidden. */
const options: SafeFetchOptions = {
  maxBytes: 1000,
  resolve: async (host) => (host === 'inner.test' ? ['127.0.0.2'] : ['127.0.0.1']),
  isAllowed: (address) => address === '127.0.0.1',
}
const at = (path: string): string => `http://a.test:${port}${path}`

test('a plain picture and redirects that stay outside are fetched', async () => {
  for (const path of ['/ok', '/once', '/absolute']) {
    const { bytes, url } = await safeFetch(at(path), options)
    assert.deepEqual(Buffer.from(bytes), picture)
    assert.equal(url, at('/ok'))
  }
  assert.equal((await safeFetch(at('/empty'), options)).bytes.byteLength, 0)
})

test('the request names the host, asks for no compression and carries no credentials', async () => {
  const { bytes } = await safeFetch(at('/headers'), { ...options, accept: 'image/*' })
  const headers = JSON.parse(Buffer.from(bytes).toString())
  assert.equal(headers.host, `a.test:${port}`)
  assert.equal(headers['accept-encoding'], 'identity')
  assert.equal(headers.accept, 'image/*')
  assert.equal(headers.cookie ?? headers.authorization, undefined)
})

const ends: [path: string, code: string, status: number, extra?: Partial<SafeFetchOptions>][] = [
  ['/loop', 'url.too-many-redirects', 400],
  ['/once', 'url.too-many-redirects', 400, { maxRedirects: 0 }],
  ['/to-inner', 'url.refused', 400],
  ['/to-loopback', 'url.refused', 400, { isAllowed: undefinedAddressOnly() }],
  ['/to-mapped', 'url.refused', 400],
  ['/to-decimal', 'url.refused', 400],
  ['/to-file', 'url.refused', 400],
  ['/to-user', 'url.refused', 400],
  ['/to-nonsense', 'url.invalid', 400],
  ['/no-location', 'url.failed', 502],
  ['/missing', 'url.failed', 502],
  ['/broken', 'url.failed', 502],
  ['/gzip', 'url.failed', 502],
  ['/declared', 'input.too-large', 413],
  ['/endless', 'input.too-large', 413],
  ['/silent', 'url.failed', 502, { idleTimeout: 60 }],
  ['/stalls', 'url.failed', 502, { idleTimeout: 60 }],
  ['/drips', 'url.failed', 502, { timeout: 150, idleTimeout: 5000 }],
  ['/reset', 'url.failed', 502],
  ['/short', 'url.failed', 502],
]
for (const [path, code, status, extra] of ends) {
  test(`${path} ends in ${code}`, async () => {
    await assert.rejects(safeFetch(at(path), { ...options, ...extra }), { code, status })
    assert.deepEqual(inner, [])
  })
}

const addresses: [address: string, code: string][] = [
  ['', 'url.invalid'],
  ['face.jpg', 'url.invalid'],
  ['//example.org/x', 'url.invalid'],
  ['http://', 'url.invalid'],
  ['http://1.2.3.4.5/', 'url.invalid'],
  [`http://example.org/${'x'.repeat(9000)}`, 'url.invalid'],
  ['http://example.org:99999/', 'url.invalid'],
  ['ftp://example.org/x', 'url.refused'],
  ['file:///etc/passwd', 'url.refused'],
  ['data:image/png;base64,AAAA', 'url.refused'],
  ['gopher://example.org/', 'url.refused'],
  ['http://user@example.org/', 'url.refused'],
  ['http://:secret@example.org/', 'url.refused'],
  ['http://8.8.8.8:0/', 'url.refused'],
  ['http://127.0.0.1/', 'url.refused'],
  ['http://127.1/', 'url.refused'],
  ['http://2130706433/', 'url.refused'],
  ['http://0x7f000001/', 'url.refused'],
  ['http://0177.0.0.1/', 'url.refused'],
  ['http://0/', 'url.refused'],
  ['http://１２７.0.0.1/', 'url.refused'],
  ['http://127。0。0。1/', 'url.refused'],
  ['http://169.254.169.254/latest/meta-data/', 'url.refused'],
  ['http://[::1]/', 'url.refused'],
  ['http://[::]/', 'url.refused'],
  ['http://[::ffff:169.254.169.254]/', 'url.refused'],
  ['http://[::127.0.0.1]/', 'url.refused'],
  ['http://[64:ff9b::7f00:1]/', 'url.refused'],
  ['http://[2002:7f00:1::]/', 'url.refused'],
  ['http://[fd00:ec2::254]/', 'url.refused'],
  ['http://[fe80::1]/', 'url.refused'],
  ['http://localhost/', 'url.refused'],
  ['http://LOCALHOST./', 'url.refused'],
  ['http://a.localhost/', 'url.refused'],
]
for (const [address, code] of addresses) {
  test(`by the real rules and resolver, ${JSON.stringify(address.slice(0, 60))} ends in ${code}`, async () => {
    await assert.rejects(safeFetch(address, { maxBytes: 10 }), { code, status: 400 })
  })
}

test('DNS rebinding: the connection goes to the address that was checked', async () => {
  const answers = [['127.0.0.1'], ['127.0.0.2']]
  const resolve = async (): Promise<string[]> => answers.shift() ?? ['127.0.0.2']
  // Nobody listens at 127.0.0.2 on this port: a second look-up would not have found the picture.
  assert.deepEqual(
    Buffer.from((await safeFetch(at('/ok'), { ...options, resolve })).bytes),
    picture,
  )
  await assert.rejects(safeFetch(at('/ok'), { ...options, resolve }), { code: 'url.refused' })
})

test('DNS rebinding between a redirect and its target is refused', async () => {
  const answers = [['127.0.0.1'], ['127.0.0.2']]
  const resolve = async (): Promise<string[]> => answers.shift() ?? []
  await assert.rejects(safeFetch(at('/once'), { ...options, resolve }), { code: 'url.refused' })
})

test('one forbidden address among allowed ones is enough to refuse', async () => {
  const resolve = async (): Promise<string[]> => ['127.0.0.1', '127.0.0.2']
  await assert.rejects(safeFetch(at('/ok'), { ...options, resolve }), { code: 'url.refused' })
})

test('a name that is not found, or has no address, is a failed upstream', async () => {
  const missing = Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
  for (const resolve of [async () => [], () => Promise.reject(missing)]) {
    await assert.rejects(safeFetch(at('/ok'), { ...options, resolve }), { status: 502 })
  }
})

test('a resolver that never answers is cut off by the deadline', async () => {
  const resolve = (): Promise<string[]> => Promise.withResolvers<string[]>().promise
  await assert.rejects(safeFetch(at('/ok'), { ...options, resolve, timeout: 50 }), {
    code: 'url.failed',
    message: /too long/,
  })
})

test('a port where nobody listens is a failed upstream', async () => {
  const gone = await listen(() => {}, '127.0.0.1')
  const { port: closed } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  await assert.rejects(safeFetch(`http://a.test:${closed}/`, options), { code: 'url.failed' })
})

test('TLS to a server that does not speak it is a failed upstream', async () => {
  await assert.rejects(safeFetch(at('/ok').replace('http:', 'https:'), options), {
    code: 'url.failed',
  })
})

test('a caller that goes away ends the fetch', async () => {
  const caller = new AbortController()
  server.once('request', () => caller.abort())
  await assert.rejects(safeFetch(at('/silent'), { ...options, signal: caller.signal }), {
    code: 'cancelled',
  })
})

function redirect(response: ServerResponse, location: string, status = 302): void {
  response.writeHead(status, { location }).end()
}

/** Allows the first hop only, by the name's answer; literals of the redirect are judged by it too. */
function undefinedAddressOnly(): (address: string) => boolean {
  let hops = 0
  return () => ++hops === 1
}

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  host: string,
): Promise<Server> {
  const made = createServer(handler).listen(0, host)
  await once(made, 'listening')
  return made
}
