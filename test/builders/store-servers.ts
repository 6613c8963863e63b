// Real servers that a test starts, kills and starts again: InfluxDB 1.x, VictoriaMetrics and Mosquitto as Debian has them, on a
// free port of the loopback, their data in a temporary folder.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './serve-process.ts'

export interface StoreServer {
  readonly port: number
  readonly url: string
  /** Starts it again after `kill`, with the data it had. */
  start(): Promise<void>
  /** As a lost machine: SIGKILL. */
  kill(): Promise<void>
  /** Ends it and deletes its data. */
  close(): Promise<void>
}

interface Kind {
  readonly program: string
  readonly scheme: string
  readonly launch: (folder: string, port: number, other: number) => Launch
}

interface Launch {
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: string
}

export const KINDS = {
  influxdb: {
    program: 'influxd',
    scheme: 'http',
    launch: (folder, port, other) => ({
      args: ['run', '-config', join(folder, 'config')],
      config: '',
      environment: {
        INFLUXDB_REPORTING_DISABLED: 'true',
        INFLUXDB_BIND_ADDRESS: `127.0.0.1:${other}`,
        INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
        INFLUXDB_META_DIR: join(folder, 'meta'),
        INFLUXDB_DATA_DIR: join(folder, 'data'),
        INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
        INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      },
    }),
  },
  victoriaMetrics: {
    program: 'victoria-metrics',
    scheme: 'http',
    launch: (folder, port) => ({
      args: [
        `-httpListenAddr=127.0.0.1:${port}`,
        `-storageDataPath=${join(folder, 'data')}`,
        '-retentionPeriod=100y',
        // Points that are written again replace themselves only with this.
        '-dedup.minScrapeInterval=1ms',
        '-search.latencyOffset=0s',
        '-memory.allowedBytes=128MB',
      ],
    }),
  },
  mosquitto: {
    program: 'mosquitto',
    scheme: 'mqtt',
    launch: (folder, port) =>
      toMosquitto(folder, port, ['persistence true', 'autosave_interval 1']),
  },
  /** Forgets its sessions when it ends; quicker. */
  mosquittoInMemory: {
    program: 'mosquitto',
    scheme: 'mqtt',
    launch: (folder, port) => toMosquitto(folder, port, ['persistence false']),
  },
} as const satisfies Readonly<Record<string, Kind>>

export type StoreKind = keyof typeof KINDS

function toMosquitto(folder: string, port: number, persistence: readonly string[]): Launch {
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    `persistence_location ${folder}/`,
    ...persistence,
    'max_queued_messages 100000',
    'user root',
  ]
  return { args: ['-c', join(folder, 'config')], config: `${lines.join('\n')}\n` }
}

/** Why the tests of a server are skipped; false where its program is there. */
export function isMissing(kind: StoreKind): string | false {
  const { program } = KINDS[kind]
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  return found ? false : `${program} is not installed`
}

export async function startStoreServer(kind: StoreKind): Promise<StoreServer> {
  const { program, scheme, launch }: Kind = KINDS[kind]
  const folder = mkdtempSync(join(tmpdir(), `duga-${kind}-`))
  const [port, other] = [await freePort(), await freePort()]
  const { args, environment, config } = launch(folder, port, other)
  if (config !== undefined) writeFileSync(join(folder, 'config'), config)
  let child: ChildProcess | null = null
  const url = `${scheme}://127.0.0.1:${port}`

  const start = async (): Promise<void> => {
    const started = spawn(program, args, {
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
      stdio: 'ignore',
    })
    child = started
    await until(async () => {
      if (started.exitCode !== null) throw new Error(`${program} ended with ${started.exitCode}`)
      return scheme === 'http' ? await answers(`${url}/ping`) : await accepts(port)
    }, `${program} answers`)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  // Whatever becomes of the test, the server does not outlive it.
  process.once('exit', () => child?.kill('SIGKILL'))
  await start()
  return {
    port,
    url,
    start,
    kill: () => end('SIGKILL'),
    close: async () => {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
