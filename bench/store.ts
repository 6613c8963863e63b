// What recording a prediction costs, and whether listing stays flat at a million rows. Prints JSON lines.
// node bench/store.ts [rows] [--database postgres://… | mysql://…], an empty database of its own
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/clock.ts'
import { parseDatabaseUrl } from '../src/database-target.ts'
import type { NewPrediction } from '../src/store/prediction-row.ts'
import { openStores, type Stores } from '../src/store/stores.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { database: { type: 'string' } },
})
const rows = Number(positionals[0] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'duga-bench-'))
const target = parseDatabaseUrl(values.database, join(folder, 'bench.db'))
const stores = await openStores(target, systemClock)
try {
  await measureAppend(stores, 1, 2000)
  await measureAppend(stores, 64, 50_000)
  await fill(stores, rows)
  await measureAppend(stores, 64, 50_000)
  await measureLists(stores)
} finally {
  await stores.close()
  rmSync(folder, { recursive: true })
}

function row(index: number): NewPrediction {
  return {
    service: 'product',
    version: `v1.0.${index % 3}`,
    timestamp: Date.now(),
    input: `susu ultra coklat ${index} ml`,
    answer: { predicted_category: 'Susu', prediction_score: 0.987, model_version: 'v1.0.0' },
    label: `label-${index % 20}`,
    confidence: (index % 1000) / 1000,
    durationMs: 0.4,
    client: `client-${index % 4}`,
    userId: null,
  }
}

async function measureAppend({ history }: Stores, concurrency: number, count: number) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  let next = 0
  const work = async () => {
    while (next < count) await history.append(row(next++))
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  const microseconds = ((performance.now() - start) * 1000) / count
  const { user, system } = process.cpuUsage(cpu)
  print('append', {
    concurrency,
    microseconds_a_row: round(microseconds),
    cpu_microseconds_a_row: round((user + system) / count),
  })
}

async function fill({ history }: Stores, count: number) {
  const start = performance.now()
  for (let done = 0; done < count; done += 2000) {
    await Promise.all(Array.from({ length: 2000 }, (_, index) => history.append(row(done + index))))
  }
  print('fill', { rows: count, seconds: round((performance.now() - start) / 1000) })
}

async function measureLists({ history }: Stores) {
  const ages: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < 200; page++) {
    const found = await history.list('product', { limit: 1000, ...(cursor ? { cursor } : {}) })
    if (found.next === null) break
    ages.push(found.next)
    cursor = found.next
  }
  const filters = {
    none: {},
    label: { label: 'label-7' },
    version: { version: 'v1.0.1' },
    client: { client: 'client-1' },
    'one confidence in a thousand': { minConfidence: 0.5, maxConfidence: 0.5 },
    'no such confidence': { minConfidence: 2 },
    'label, version and client': { label: 'label-7', version: 'v1.0.1', client: 'client-3' },
  }
  for (const [name, filter] of Object.entries(filters)) {
    const first = await time(() => history.list('product', filter))
    const deep = await time(() => history.list('product', { ...filter, cursor: ages.at(-1)! }))
    print('list', { filter: name, first_ms: first, deep_ms: deep })
  }
}

/** Median of 15 runs, in milliseconds. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 15; run++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return round(times.sort((a, b) => a - b)[7]!)
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}

function print(what: string, figures: object) {
  console.log(JSON.stringify({ what, ...figures }))
}
