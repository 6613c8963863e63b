// Fetches an address that somebody else chose, so that it can never reach inside our own network.
// Names are resolved and checked here, and the connection goes to the checked address: a second DNS answer changes
// nothing. Every redirect is checked again. Environment proxies are not used.
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import { DugaError } from '../errors.ts'
import { isPublicAddress } from './public-address.ts'

export interface SafeFetchOptions {
  /** Most bytes of the body. */
  readonly maxBytes: number
  /** For all of it, redirects included; milliseconds. */
  readonly timeout?: number
  /** For a connection, and between two pieces of an answer; milliseconds. */
  readonly idleTimeout?: number
  readonly maxRedirects?: number
  /** `Accept` header. */
  readonly accept?: string
  /** Of the caller that waits for it. */
  readonly signal?: AbortSignal
  /** Addresses of a host name. Default: the system's resolver. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>
  /** Which addresses may be reached. Default: {@link isPublicAddress}; tests pass their own. */
  readonly isAllowed?: (address: string) => boolean
}

export interface Fetched {
  readonly bytes: Uint8Array
  /** Where it was found in the end. */
  readonly url: string
}

type Limits = Required<Omit<SafeFetchOptions, 'signal'>> & { readonly signal: AbortSignal }

/** Characters; longer ones are no picture's address. */
const MAX_ADDRESS = 8192

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * GETs `address` over http or https, on any port. Bodies are taken as they come: none is ever decompressed.
 * @throws DugaError url.invalid, url.refused, url.too-many-redirects (400); input.too-large (413);
 *   url.failed (502: name not found, no connection, reset, timeout, not 2xx, encoded body); cancelled
 */
export async function safeFetch(address: string, options: SafeFetchOptions): Promise<Fetched> {
  const deadline = AbortSignal.timeout(options.timeout ?? 10_000)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  const limits: Limits = {
    timeout: 10_000,
    idleTimeout: 5_000,
    maxRedirects: 3,
    accept: '*/*',
    resolve: resolveByDns,
    isAllowed: isPublicAddress,
    ...options,
    signal,
  }
  try {
    return await follow(parseAddress(address), limits)
  } catch (cause) {
    if (cause instanceof DugaError) throw cause
    if (options.signal?.aborted) throw new DugaError('cancelled', {}, { cause })
    throw new DugaError('url.failed', { reason: reasonOf(cause, deadline) }, { cause })
  }
}

async function follow(start: URL, limits: Limits): Promise<Fetched> {
  let url = start
  for (let redirects = 0; redirects <= limits.maxRedirects; redirects += 1) {
    const step = await getOnce(url, limits)
    if (step instanceof Uint8Array) return { bytes: step, url: url.href }
    url = parseAddress(step.location, url)
  }
  throw new DugaError('url.too-many-redirects', { limit: limits.maxRedirects })
}

/** One request to one checked address: the body, or where to look instead. */
async function getOnce(url: URL, limits: Limits): Promise<Uint8Array | { location: string }> {
  const pinned = await allowedAddress(url, limits)
  // A tenth of the server's modules, and few ever give an address.
  const { Agent } = await import('undici')
  const agent = new Agent({
    connect: { lookup: always(pinned), timeout: limits.idleTimeout },
    headersTimeout: limits.idleTimeout,
    bodyTimeout: limits.idleTimeout,
    allowH2: false,
    pipelining: 0,
  })
  try {
    const response = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      headers: { accept: limits.accept, 'accept-encoding': 'identity', 'user-agent': 'duga' },
      signal: limits.signal,
    })
    // What is thrown below is reported once; destroying the agent must not raise it again.
    response.body.on('error', () => {})
    const location = response.headers.location
    if (REDIRECTS.has(response.statusCode) && typeof location === 'string') return { location }
    return await readBody(response, limits.maxBytes)
  } finally {
    // A body that was refused is dropped with its connection, not read to its end.
    await agent.destroy()
  }
}

async function readBody(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<Uint8Array> {
  if (statusCode < 200 || statusCode > 299) {
    throw new DugaError('url.failed', { reason: `it answered ${statusCode}` })
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (String(encoding).toLowerCase() !== 'identity') {
    throw new DugaError('url.failed', { reason: 'it answered with a compressed body' })
  }
  if (Number(headers['content-length']) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** WHATWG parsing turns 2130706433, 0x7f.1 and 0177.0.0.1 into the dotted address that they mean. */
function parseAddress(address: string, base?: URL): URL {
  if (address.length > MAX_ADDRESS) throw new DugaError('url.invalid')
  const url = URL.parse(address, base?.href)
  if (url === null) throw new DugaError('url.invalid')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new DugaError('url.refused', { reason: 'only http and https are fetched' })
  }
  if (url.username !== '' || url.password !== '') {
    throw new DugaError('url.refused', { reason: 'it carries a user name or password' })
  }
  if (url.port === '0') throw new DugaError('url.refused', { reason: 'port 0 cannot be reached' })
  return url
}

async function allowedAddress(url: URL, limits: Limits): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // RFC 6761: these names mean this machine, whatever a resolver says of them.
  if (/(^|\.)localhost\.?$/.test(host)) throw notPublic()
  const addresses = isIP(host) ? [host] : await abortable(limits.resolve(host), limits.signal)
  const [first] = addresses
  if (first === undefined) throw new DugaError('url.failed', { reason: 'its host has no address' })
  // One forbidden address among good ones is enough: such an answer is not an ordinary site's.
  if (!addresses.every((address) => limits.isAllowed(address))) throw notPublic()
  return first
}

async function resolveByDns(hostname: string): Promise<readonly string[]> {
  const found = await lookup(hostname, { all: true })
  return found.map(({ address }) => address)
}

/** A resolver that knows one answer, for the socket layer. */
function always(address: string): LookupFunction {
  const family = isIP(address)
  return (_hostname, { all }, callback) => {
    if (all) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
}

/** The system's resolver cannot be stopped; its late answer is dropped. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = (): void => reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  return promise
}

function notPublic(): DugaError {
  return new DugaError('url.refused', { reason: 'its host is not on the public internet' })
}

function tooLarge(limit: number): DugaError {
  return new DugaError('input.too-large', { limit })
}

function reasonOf(cause: unknown, deadline: AbortSignal): string {
  if (deadline.aborted) return 'it took too long'
  const code = (cause as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return 'the connection failed'
  if (code.endsWith('TIMEOUT') || code === 'ETIMEDOUT') return 'it took too long'
  return code === 'ENOTFOUND' ? 'its host was not found' : `the connection failed (${code})`
}
