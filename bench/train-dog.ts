// A whole dog training on the bundled network: time, memory, accuracy of the held-out fifth. An epoch of the notebook's recipe
// beside Keras is in bench/train.ts.
// Run: node bench/train-dog.ts <folder of class folders> [--unfreeze n] [--recipe resnet50v2-notebook] [--epochs n]
//      [--views n] [--cache folder]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { train } from '../src/services/dog/train.ts'
import { restartAsTraining } from './train/restart-as-training.ts'

restartAsTraining()

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unfreeze: { type: 'string' },
    recipe: { type: 'string' },
    epochs: { type: 'string' },
    cache: { type: 'string' },
    views: { type: 'string' },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'duga-bench-dog-'))
try {
  if (positionals[0] === undefined) throw new Error('Which folder of pictures?')
  await measureJob(positionals[0])
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measureJob(data: string): Promise<void> {
  const start = performance.now()
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  const { epochs, unfreeze, views } = values
  const given = { epochs: number(epochs), unfreeze: number(unfreeze), views: number(views) }
  const asked = Object.entries({ ...given, recipe: values.recipe }).filter(
    ([, value]) => value !== undefined,
  )
  let said = ''
  const { candidate, evaluation } = await train({
    ...{ version: 'v1.0.1', incumbent: null, signal: new AbortController().signal },
    ...{ checkpoints: join(folder, 'job'), cache: values.cache ?? join(folder, 'cache') },
    parameters: { ...Object.fromEntries(asked), data: resolve(data), seed: 42 } as Record<
      string,
      string | number
    >,
    progress: (_, message) => {
      if (message !== said) console.error(`${seconds(start)} s ${message}`)
      said = message
    },
  })
  const { accuracy, expected_calibration_error: error } = candidate.manifest.metrics
  const rows = evaluation?.kind === 'classification' ? evaluation.labels.length : 0
  const cpu = process.cpuUsage()
  console.log(
    `whole job: ${seconds(start)} s (processor time ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s), accuracy ` +
      `${(accuracy! * 100).toFixed(2)} % of ${rows} held-out pictures, calibration error ${error!.toFixed(3)}, ` +
      `${evaluation?.history?.length} epochs, ${JSON.stringify(evaluation?.durations)}; peak memory ${peak().toFixed(0)} MB`,
  )
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1)
}

/** Megabytes of this process, threads included. */
function peak(): number {
  return process.resourceUsage().maxRSS / 1024
}
