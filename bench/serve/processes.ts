// The processes of the bench: started pinned to a core where the system can, watched through /proc, ended by their id.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LoadJob, LoadResult } from './load.ts'

export interface Program {
  readonly pid: number
  /** Ends it with SIGTERM; after ten seconds with SIGKILL. */
  stop(): Promise<void>
}

export interface Server extends Program {
  readonly url: string
  /** From its start until it said that it listens, milliseconds. */
  readonly listenMs: number
}

export interface Load extends Program {
  run(job: LoadJob): Promise<LoadResult>
}

const PROGRAM = fileURLToPath(new URL('../../bin/duga.js', import.meta.url))
const TICKS_A_SECOND = 100

/** Whether processes can be pinned here. */
export const pins = spawnSync('taskset', ['-V']).status === 0

/** `duga serve` on a port of its own choice. @param core where it is pinned; null: everywhere */
export async function startServer(
  home: string,
  core: number | null,
  environment: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const began = performance.now()
  const child = start([PROGRAM, 'serve', '--json'], core, {
    PORT: '0',
    DUGA_HOME: home,
    LOG_LEVEL: 'warn',
    COUGH_RATE_LIMIT: '0',
    ...environment,
  })
  const line = await firstLine(child)
  const { url } = JSON.parse(line) as { url: string }
  return { ...program(child), url, listenMs: performance.now() - began }
}

/** A program of this folder that prints its URL when it listens. */
export async function startEcho(core: number | null): Promise<Server> {
  const began = performance.now()
  const child = start([fileURLToPath(new URL('./echo.ts', import.meta.url))], core, {})
  const url = await firstLine(child)
  return { ...program(child), url, listenMs: performance.now() - began }
}

export async function startLoad(core: number | null): Promise<Load> {
  const child = start([fileURLToPath(new URL('./load.ts', import.meta.url))], core, {}, true)
  await once(child, 'message')
  return {
    ...program(child),
    run: (job) =>
      new Promise((resolve, reject) => {
        const ended = () => reject(new Error('the load generator ended'))
        child.once('exit', ended)
        child.once('message', (result) => {
          child.off('exit', ended)
          resolve(result as LoadResult)
        })
        child.send(job)
      }),
  }
}

/** Runs a program of this folder to its end. @returns the JSON that it prints */
export async function runProgram<Result>(
  file: string,
  args: readonly string[],
  core: number | null,
): Promise<Result> {
  const child = start([fileURLToPath(new URL(file, import.meta.url)), ...args], core, {})
  const exited = once(child, 'exit')
  const line = await firstLine(child)
  await exited
  return JSON.parse(line) as Result
}

/** Resident megabytes of a process and all below it. */
export function residentMb(pid: number): number {
  const kilobytes = tree(pid).map((each) =>
    Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${each}/status`))?.[1] ?? 0),
  )
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024
}

/** Processor seconds that a process has used, with all its threads. */
export function processorSeconds(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

function start(
  args: readonly string[],
  core: number | null,
  environment: Readonly<Record<string, string>>,
  messages = false,
): ChildProcess {
  const whole = [process.execPath, ...args]
  const [command, ...rest] = core === null || !pins ? whole : ['taskset', '-c', `${core}`, ...whole]
  return spawn(command!, rest, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', ...(messages ? (['ipc'] as const) : [])],
    serialization: 'advanced',
  })
}

function program(child: ChildProcess): Program {
  return {
    pid: child.pid!,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(timer)
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  const lines = (async () => {
    let text = ''
    for await (const part of child.stdout!) {
      text += part
      if (text.includes('\n')) return text.slice(0, text.indexOf('\n'))
    }
    throw new Error('a program of the bench ended without a word')
  })()
  const line = await lines
  child.stdout!.resume()
  return line
}

function tree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(tree)]
}

/** Empty where the process or thread has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
