// From the start of the process to the first correct answer of all services: on an empty home, and on one that is known.
import http from 'node:http'
import { createBenchHome } from './home.ts'
import type { LoadTarget } from './load.ts'
import { startServer } from './processes.ts'
import { type Line, median, show } from './report.ts'
import { everyTarget } from './requests.ts'

const STARTS = 5
const GOAL_S = 1.5

export async function measureStart(): Promise<readonly Line[]> {
  const first: number[] = []
  const later: number[] = []
  for (let round = 0; round < STARTS; round += 1) {
    const home = await createBenchHome()
    try {
      first.push(await startAndAsk(home.folder, home.token))
      later.push(await startAndAsk(home.folder, home.token))
      console.log(`first start ${first.at(-1)!.toFixed(2)} s, next ${later.at(-1)!.toFixed(2)} s`)
    } finally {
      await home.remove()
    }
  }
  return [toLine('a home without the bundled models', first), toLine('a known home', later)]
}

async function startAndAsk(home: string, token: string): Promise<number> {
  const began = performance.now()
  const server = await startServer(home, null)
  try {
    await Promise.all(everyTarget(server.url, token).map(ask))
    return (performance.now() - began) / 1000
  } finally {
    await server.stop()
  }
}

function ask({ url, headers, bodies }: LoadTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers: { ...headers } }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) answer.on('end', resolve)
      else reject(new Error(`${url}: ${answer.statusCode}`))
    })
    request.on('error', reject)
    request.end(bodies[0])
  })
}

function toLine(what: string, seconds: readonly number[]): Line {
  return {
    what: `start to the first answer of all, ${what}, s`,
    goal: `≤ ${GOAL_S}`,
    measured: show(seconds),
    reached: median(seconds) <= GOAL_S,
  }
}
