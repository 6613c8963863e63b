// Resident memory of the server's process tree with all services loaded, and over 20,000 mixed requests.
import type { BenchHome } from './home.ts'
import { type Load, residentMb, type Server, startLoad, startServer } from './processes.ts'
import { type Line, refuseErrors } from './report.ts'
import { everyTarget } from './requests.ts'

const REQUESTS = 10_000
const CALLERS = 8
const GOAL_MB = 400
const GOAL_GROWTH = 0.05

export async function measureMemory(home: BenchHome): Promise<readonly Line[]> {
  const server = await startServer(home.folder, null)
  const load = await startLoad(null)
  try {
    const loaded = await settled(server)
    console.log(`loaded: ${loaded.toFixed(0)} MB`)
    const first = await mixed(load, server, home)
    const second = await mixed(load, server, home)
    const growth = second.resident / first.resident - 1
    return [
      {
        what: 'resident after 10,000 mixed requests, MB (loaded … highest)',
        goal: `≤ ${GOAL_MB}`,
        measured: `${first.resident.toFixed(0)} (${loaded.toFixed(0)} … ${first.highest.toFixed(0)})`,
        reached: first.resident <= GOAL_MB,
      },
      {
        what: 'growth over the second 10,000',
        goal: `< ${GOAL_GROWTH}`,
        measured: `${growth.toFixed(3)} (${second.resident.toFixed(0)} MB)`,
        reached: growth < GOAL_GROWTH,
      },
    ]
  } finally {
    await load.stop()
    await server.stop()
  }
}

async function mixed(
  load: Load,
  server: Server,
  home: BenchHome,
): Promise<{ readonly resident: number; readonly highest: number }> {
  let highest = 0
  const watch = setInterval(() => {
    highest = Math.max(highest, residentMb(server.pid))
  }, 100)
  const { perSecond, errors } = await load.run({
    targets: everyTarget(server.url, home.token),
    concurrency: CALLERS,
    milliseconds: 600_000,
    requests: REQUESTS,
  })
  clearInterval(watch)
  refuseErrors('mixed requests', errors)
  const resident = await settled(server)
  console.log(
    `${REQUESTS} mixed requests at ${perSecond.toFixed(0)}/s: ${resident.toFixed(0)} MB, highest ${highest.toFixed(0)}`,
  )
  return { resident, highest: Math.max(highest, resident) }
}

/** Two seconds later: what was given back by then counts as given back. */
async function settled(server: Server): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2000))
  return residentMb(server.pid)
}
