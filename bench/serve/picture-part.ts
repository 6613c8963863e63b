// Picture routes, uploads and history included, against the service's own decode and raw onnxruntime: one lane of one
// thread, each on one core, the load on the other, in turns.
import { fileURLToPath } from 'node:url'
import type { BenchHome } from './home.ts'
import { runProgram, startLoad, startServer } from './processes.ts'
import { type Line, median, refuseErrors, show } from './report.ts'
import { DOG_PICTURE, dogTarget, FACE_PICTURE, faceTarget } from './requests.ts'

const ROUNDS = 3
const ROUND_MS = 6000
const WARM_UP_MS = 12_000
const CALLERS = 4
const GOAL = 0.85

export async function measurePictures(home: BenchHome): Promise<readonly Line[]> {
  const server = await startServer(home.folder, 0, { DUGA_LANES: '1' })
  const load = await startLoad(1)
  try {
    const lines: Line[] = []
    for (const [name, picture, target] of [
      ['dog', DOG_PICTURE, dogTarget(server.url)],
      ['face', FACE_PICTURE, faceTarget(server.url)],
    ] as const) {
      const run = async (milliseconds: number): Promise<number> => {
        const job = { targets: [target], concurrency: CALLERS, milliseconds }
        const { perSecond, errors } = await load.run(job)
        refuseErrors(name, errors)
        return perSecond
      }
      await run(WARM_UP_MS)
      const ratios: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        const args = [name, fileURLToPath(picture), `${ROUND_MS}`]
        const raw = await runProgram<{ perSecond: number }>('./raw-pictures.ts', args, 0)
        const ours = await run(ROUND_MS)
        ratios.push(ours / raw.perSecond)
        console.log(`${name}: raw ${raw.perSecond.toFixed(1)}/s, predict ${ours.toFixed(1)}/s`)
      }
      lines.push({
        what: `${name} predict, of decode + raw onnxruntime`,
        goal: `≥ ${GOAL}`,
        measured: show(ratios),
        reached: median(ratios) >= GOAL,
      })
    }
    return lines
  } finally {
    await load.stop()
    await server.stop()
  }
}
