// Writes lines to InfluxDB 1.x or 2.x, or to what takes their writes (VictoriaMetrics, Telegraf). A point is named by measurement,
// tags and time, so that one that is sent again after a lost answer replaces itself.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { BusyError, RefusedError, type Target } from '../outbox/forwarder.ts'

export interface InfluxOptions {
  /** `http://user:password@host:8086`; a path in it stays before the API's. */
  readonly url: string
  /** The bucket of 2.x, the database of 1.x. */
  readonly bucket: string
  /** The organisation of 2.x; null: 1.x is spoken. */
  readonly org: string | null
  readonly token: string | null
  readonly timeoutMs?: number
}

const compress = promisify(gzip)
/** Below, packing costs more than it saves. */
const MIN_PACKED_BYTES = 1024

export function createInfluxTarget(options: InfluxOptions): Target {
  const { bucket, org, timeoutMs = 15_000 } = options
  const { base, headers } = toRequest(options)
  const query =
    org === null
      ? `/write?${new URLSearchParams({ db: bucket, precision: 'n' })}`
      : `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ns' })}`
  const post = async (path: string, body: Uint8Array | null, extra: object, signal: AbortSignal) =>
    await fetch(base + path, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer> | null,
      headers: { ...headers, ...extra },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
  const createDatabase = async (signal: AbortSignal): Promise<void> => {
    const q = `CREATE DATABASE "${bucket.replaceAll(/["\\]/g, '\\$&')}"`
    const response = await post(`/query?${new URLSearchParams({ q })}`, null, {}, signal)
    const answer = await response.text()
    if (response.ok && !answer.includes('"error"')) return
    throw new Error(`InfluxDB has no database ${bucket}; create it: ${q}`)
  }
  const send = async (body: Uint8Array, extra: object, signal: AbortSignal, isNew = false) => {
    const response = await post(query, body, extra, signal)
    const text = (await response.text()).trim().slice(0, 300)
    if (response.ok) return
    const reason = `${response.status} ${text || response.statusText}`
    // 1.x says so of a database that is not there, which whoever may write there can mostly make.
    if (response.status === 404 && org === null && !isNew) {
      await createDatabase(signal)
      await send(body, extra, signal, true)
      return
    }
    if ([400, 413, 422].includes(response.status)) throw new RefusedError(reason)
    const seconds = Number(response.headers.get('retry-after'))
    if (seconds > 0) throw new BusyError(reason, Math.min(seconds, 300) * 1000)
    throw new Error(reason)
  }
  return {
    name: 'influxdb',
    deliver: async (records, _outbox, signal) => {
      const lines = Buffer.concat(records.flatMap(({ payload }) => [payload, NEWLINE]))
      if (lines.length < MIN_PACKED_BYTES) return await send(lines, {}, signal)
      const packed = await compress(lines, { level: 1 })
      return await send(packed, { 'content-encoding': 'gzip' }, signal)
    },
    close: async () => {},
  }
}

const NEWLINE = Buffer.from('\n')

/** Whether the server answers. @throws an error that says why not */
export async function pingInflux(options: InfluxOptions): Promise<string> {
  const { base, headers } = toRequest(options)
  const signal = AbortSignal.timeout(options.timeoutMs ?? 5000)
  const response = await fetch(`${base}/ping`, { headers, signal })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${options.url}/ping answers ${response.status}`)
  return response.headers.get('x-influxdb-version') ?? 'answers'
}

/** `fetch` refuses credentials in an address. */
function toRequest({ url, token }: InfluxOptions) {
  const parsed = new URL(url)
  const headers: Record<string, string> = { 'content-type': 'text/plain; charset=utf-8' }
  if (parsed.username !== '') {
    const pair = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
  }
  if (token !== null) headers.authorization = `Token ${token}`
  return { base: `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}`, headers }
}
