// Predictions while a training runs beside them: p99 of each kind of request while the job is held and while it runs, in
// turns. Load, server and job share all cores. The goal is 1.5 × idle.
// Run: node bench/train-beside.ts [service] [data]   (default: cough on made recordings)
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createBenchHome } from './serve/home.ts'
import type { LoadTarget } from './serve/load.ts'
import { startLoad, startServer } from './serve/processes.ts'
import {
  createWav,
  dogTarget,
  faceTarget,
  productTarget,
  vibrationTarget,
} from './serve/requests.ts'

const [service = 'cough', given] = process.argv.slice(2)
const ROUNDS = 12
const ROUND_MS = 1500
const GOAL = 1.5

const home = await createBenchHome()
const server = await startServer(home.folder, null)
const load = await startLoad(null)
const admin = {
  authorization: `Bearer ${readFileSync(join(home.folder, 'secrets/admin-token'), 'utf8').trim()}`,
}
const KINDS: readonly (readonly [string, LoadTarget, number])[] = [
  ['product', productTarget(server.url, home.token), 2],
  ['vibration', vibrationTarget(server.url), 2],
  ['dog', dogTarget(server.url), 2],
  ['face', faceTarget(server.url), 2],
]

try {
  makeData()
  for (const [, target, concurrency] of KINDS) await measure(target, concurrency, 3000)
  const figures = new Map(
    KINDS.map(([name]) => [name, { idle: [] as number[], job: [] as number[] }]),
  )
  const job = await startJob()
  const processes = childrenOf(server.pid)
  console.log(`the job's process: ${processes.map(describe).join('; ')}`)
  const signal = (name: NodeJS.Signals) => {
    for (const pid of processes) process.kill(pid, name)
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, target, concurrency] of KINDS) {
      // The same job, held and let go: what else runs on the machine then weighs on both alike.
      signal('SIGSTOP')
      figures.get(name)!.idle.push(await measure(target, concurrency, ROUND_MS))
      signal('SIGCONT')
      figures.get(name)!.job.push(await measure(target, concurrency, ROUND_MS))
    }
  }
  const { status, error } = (await call(`/manage/jobs/${job}`)) as { [key: string]: unknown }
  if (status !== 'running') throw new Error(`the job did not last: ${status} ${error}`)
  await call(`/manage/jobs/${job}`, 'DELETE')
  for (const [name, { idle, job }] of figures) {
    const ratios = job.map((time, i) => time / idle[i]!)
    console.log(
      `${name.padEnd(9)} p99 idle ${middle(idle).toFixed(1)} ms, with a job ${middle(job).toFixed(1)} ms: ` +
        `${(middle(job) / middle(idle)).toFixed(2)} × (goal ${GOAL}); of the pairs, in the middle ` +
        `${middle(ratios).toFixed(2)} ×`,
    )
  }
} finally {
  await load.stop()
  await server.stop()
  await home.remove()
}

function makeData(): void {
  const folder = join(home.folder, 'data', 'bench')
  if (given !== undefined) {
    cpSync(given, folder, { recursive: true })
    return
  }
  for (const [place, label] of ['dry', 'wet'].entries()) {
    mkdirSync(join(folder, label), { recursive: true })
    for (let i = 0; i < 60; i += 1) {
      writeFileSync(join(folder, label, `${i}.wav`), createWav(1 + place + i / 60))
    }
  }
}

async function startJob(): Promise<string> {
  const epochs = service === 'product' ? {} : { epochs: 1000, patience: 1000 }
  const { id } = (await call(`/manage/services/${service}/training`, 'POST', {
    data: 'data/bench',
    ...epochs,
  })) as { id: string }
  for (;;) {
    const { status, progress } = (await call(`/manage/jobs/${id}`)) as {
      status: string
      progress: { message: string }
    }
    if (status !== 'queued' && /training/.test(progress.message)) return id
    if (status !== 'queued' && status !== 'running') throw new Error(`the job is ${status}`)
    await wait(100)
  }
}

async function call(path: string, method = 'GET', body?: object): Promise<unknown> {
  const json = {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  }
  const reply = await fetch(server.url + path, {
    ...(body ? json : { method }),
    headers: { ...admin, ...(body && json.headers) },
  })
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
  return await reply.json()
}

async function measure(target: LoadTarget, concurrency: number, milliseconds: number) {
  const { p99, errors } = await load.run({ targets: [target], concurrency, milliseconds })
  if (Object.keys(errors).length > 0) throw new Error(JSON.stringify(errors))
  return p99
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}

/** Threads of a process by their nice value. */
function describe(pid: number): string {
  const values = readdirSync(`/proc/${pid}/task`).map(
    (task) =>
      readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]!,
  )
  const counts = [...Map.groupBy(values, (value) => value)]
  return counts.map(([value, those]) => `${those.length} threads at nice ${value}`).join(', ')
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
