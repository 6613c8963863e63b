// A closed-loop HTTP load over keep-alive sockets of node:http: each of `concurrency` callers sends its next request when
// the last answer is in. A process of its own, which can be pinned; it takes jobs by message. Loopback only.
import http from 'node:http'

export interface LoadTarget {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in turn. */
  readonly bodies: readonly Uint8Array[]
}

export interface LoadJob {
  /** Sent in turn; a mix where there are several. */
  readonly targets: readonly LoadTarget[]
  readonly concurrency: number
  /** Ends after so many milliseconds or requests, whichever comes first. */
  readonly milliseconds: number
  readonly requests?: number
}

export interface LoadResult {
  readonly requests: number
  /** Answers other than 2xx, and broken connections, by status or code. */
  readonly errors: Readonly<Record<string, number>>
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** Processor seconds a second of this process. */
  readonly cpu: number
}

const LOOPBACK = '127.0.0.1'
const LONGEST_MS = 600_000

process.on('message', (job: LoadJob) => {
  run(job).then(
    (result) => process.send!(result),
    (error: unknown) => {
      console.error(error)
      process.exitCode = 1
      process.disconnect()
    },
  )
})
process.send!('ready')

async function run({ targets, concurrency, milliseconds, requests }: LoadJob): Promise<LoadResult> {
  if (targets.some(({ url }) => new URL(url).hostname !== LOOPBACK)) throw new Error('not loopback')
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency })
  const times: number[] = []
  const errors: Record<string, number> = {}
  const most = requests ?? Number.POSITIVE_INFINITY
  let sent = 0
  const before = process.cpuUsage()
  const began = performance.now()
  const end = began + Math.min(milliseconds, LONGEST_MS)
  const caller = async (): Promise<void> => {
    while (sent < most && performance.now() < end) {
      const turn = sent++
      const target = targets[turn % targets.length]!
      const body = target.bodies[Math.floor(turn / targets.length) % target.bodies.length]
      const start = performance.now()
      const outcome = await send(target, body, agent)
      if (outcome >= '200' && outcome < '300') times.push(performance.now() - start)
      else errors[outcome] = (errors[outcome] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(before)
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (q: number): number => times[Math.min(times.length - 1, Math.floor(q * times.length))]!
  return {
    requests: times.length,
    errors,
    perSecond: times.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    cpu: (user + system) / 1e6 / seconds,
  }
}

/** @returns the status, or the code of what broke */
function send(
  target: LoadTarget,
  body: Uint8Array | undefined,
  agent: http.Agent,
): Promise<string> {
  return new Promise((resolve) => {
    const { url, method = body === undefined ? 'GET' : 'POST', headers } = target
    const length = body === undefined ? {} : { 'content-length': body.length }
    const request = http.request(
      url,
      { agent, method, headers: { ...headers, ...length } },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(String(answer.statusCode)))
        answer.on('error', (error) => resolve(error.message))
      },
    )
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    request.end(body)
  })
}
