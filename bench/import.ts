// How long importing ResNet50V2 takes and how much memory, and how fast the result runs beside the same model exported by
// Keras itself. Run: PYTHON=… node bench/import.ts, with an interpreter that has TensorFlow, tf-keras, tf2onnx and
// onnxruntime: scripts/reference/keras/requirements.txt. It makes the files, once a run.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { loadSession, type Session } from '../src/engine/runtime.ts'
import type { Tensor, Tensors } from '../src/tensor/tensor.ts'
import { runProgram } from './run-program.ts'
import { describeMachine, type Line, median, printTable, show } from './serve/report.ts'

const MOST_SECONDS = 5
const MOST_MB = 600
/** Of the time that Keras' own export takes. */
const MOST_RATIO = 1.05
const REPEATS = 3
const ROUNDS = 30
const SIDE = 224

/** Seeded weights; what was never called cannot be exported. */
const MAKE = `
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy
keras.utils.set_random_seed(1)
model = keras.applications.ResNet50V2(weights=None)
for suffix in ("keras", "h5"):
    model.save(f"{sys.argv[1]}/resnet50v2.{suffix}")
model.predict(numpy.zeros((1, 224, 224, 3), "float32"), verbose=0)
model.export(f"{sys.argv[1]}/exported.onnx", format="onnx", verbose=False)
`

interface Converted {
  readonly seconds: number
  readonly peakMb: number
}

const python = process.env.PYTHON
if (python === undefined) throw new Error('PYTHON must name an interpreter that has TensorFlow.')
const folder = await mkdtemp(join(tmpdir(), 'duga-bench-import-'))
try {
  await runProgram(python, ['-c', MAKE, folder])
  const lines: Line[] = []
  for (const suffix of ['keras', 'h5']) lines.push(...(await measureImport(suffix)))
  lines.push(await compareSpeed())
  console.log(`\n${describeMachine()}\n`)
  printTable(lines)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measureImport(suffix: string): Promise<Line[]> {
  const model = join(folder, `resnet50v2.${suffix}`)
  const script = fileURLToPath(new URL('./import/convert-once.ts', import.meta.url))
  const runs: Converted[] = []
  for (let count = 0; count < REPEATS; count += 1) {
    runs.push(
      JSON.parse(await runProgram(process.execPath, [script, model, join(folder, 'ours.onnx')])),
    )
  }
  const size = ((await stat(model)).size / 1e6).toFixed(0)
  const what = `ResNet50V2 .${suffix} (${size} MB)`
  const seconds = runs.map((one) => one.seconds)
  const peaks = runs.map(({ peakMb }) => peakMb)
  return [
    {
      what: `${what}: import, s`,
      goal: `≤ ${MOST_SECONDS}`,
      measured: show(seconds),
      reached: median(seconds) <= MOST_SECONDS,
    },
    {
      what: `${what}: peak memory, MB`,
      goal: `≤ ${MOST_MB}`,
      measured: show(peaks, 0),
      reached: Math.max(...peaks) <= MOST_MB,
    },
  ]
}

/** One picture a run, on one thread, turn and turn about; the one that begins changes too. */
async function compareSpeed(): Promise<Line> {
  const ours = await loadSession(join(folder, 'ours.onnx'))
  const theirs = await loadSession(join(folder, 'exported.onnx'))
  const data = Float32Array.from(
    { length: SIDE * SIDE * 3 },
    (_, at) => ((at * 7919) % 511) / 255 - 1,
  )
  const picture: Tensor = { type: 'float32', dims: [1, SIDE, SIDE, 3], data }
  const [first, second] = [await answer(ours, picture), await answer(theirs, picture)]
  const difference = Math.max(...first.map((value, at) => Math.abs(value - second[at]!)))
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const turn of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = performance.now()
      await answer(turn === 0 ? ours : theirs, picture)
      times[turn]!.push(performance.now() - start)
    }
  }
  await ours.release()
  await theirs.release()
  const ratio = median(times[0]) / median(times[1])
  return {
    what: 'ResNet50V2, a picture: our time of that of Keras’ own ONNX export',
    goal: `≤ ${MOST_RATIO}`,
    measured: `${ratio.toFixed(3)}: ${show(times[0], 1)} ms, the other ${show(times[1], 1)} ms; answers ${difference.toExponential(0)} apart`,
    reached: ratio <= MOST_RATIO,
  }
}

async function answer(session: Session, picture: Tensor): Promise<readonly number[]> {
  const outputs: Tensors = await session.run({ [session.inputs[0]!.name]: picture })
  return Array.from(outputs[session.outputs[0]!.name]!.data as Float32Array)
}
