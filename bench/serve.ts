// Speed and size of the whole server, as ratios to raw Fastify and raw onnxruntime in the same run.
// Run: npm run bench -- [start] [memory] [product] [vibration] [pictures] [health]; all of it takes some eight minutes.
// Loopback only; every process is ended by its id. On a machine that does other work at the time the figures mean little.

import { measureHealth } from './serve/health-part.ts'
import { createBenchHome } from './serve/home.ts'
import { measureJson } from './serve/json-part.ts'
import { measureMemory } from './serve/memory-part.ts'
import { measurePictures } from './serve/picture-part.ts'
import { pins, startServer } from './serve/processes.ts'
import { describeMachine, type Line, printTable } from './serve/report.ts'
import { measureStart } from './serve/start-part.ts'

const PRODUCT_OF_ECHO = 0.5
const VIBRATION_OF_ECHO = 0.35

const PARTS: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  start: measureStart,
  memory: () => withHome(measureMemory),
  product: () => json('product', PRODUCT_OF_ECHO),
  vibration: () => json('vibration', VIBRATION_OF_ECHO),
  pictures: () => withHome(measurePictures),
  health: () => withHome(measureHealth),
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => PARTS[name] === undefined)
if (unknown !== undefined) {
  throw new Error(`There is no part "${unknown}"; there are ${Object.keys(PARTS).join(', ')}.`)
}
console.log(describeMachine())
if (!pins) console.log('taskset is missing: server and load share the cores, ratios mean less')
const lines: Line[] = []
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  console.log(`\n${name}`)
  lines.push(...(await PARTS[name]!()))
}
console.log(`\n${describeMachine()}\n`)
printTable(lines)

async function json(name: 'product' | 'vibration', goal: number): Promise<readonly Line[]> {
  return await withHome(async (home) => {
    const server = await startServer(home.folder, 0)
    try {
      return await measureJson(name, goal, server, home)
    } finally {
      await server.stop()
    }
  })
}

async function withHome(
  work: (home: Awaited<ReturnType<typeof createBenchHome>>) => Promise<readonly Line[]>,
): Promise<readonly Line[]> {
  const home = await createBenchHome()
  try {
    return await work(home)
  } finally {
    await home.remove()
  }
}
