// A process of its own for lane-loss.test.ts: exits while its lanes are inside onnxruntime, which would abort unguarded.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '../../src/engine/engine.ts'
import { buildConvModel, createNoiseService } from './bench-models.ts'
import { writeVersion } from './engine-versions.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-exit-'))
process.once('exit', () => rmSync(folder, { recursive: true }))
const inputs = [{ name: 'x', type: 'float32', shape: [null, 3, 224, 224] }] as const
const model = buildConvModel()
const files = await writeVersion(folder, { service: 'conv', model, inputs })
const engine = createEngine({
  lanes: 2,
  threads: 1,
  events: {
    onBatch: () => {
      // Some milliseconds later the lane is in the middle of the run.
      setTimeout(() => {
        console.log('exiting')
        process.exit(0)
      }, 4)
    },
  },
})
await engine.load(createNoiseService(), files)
await Promise.all([1, 2, 3, 4].map((seed) => engine.predict('conv', { seed })))
