// How long trainings take and how much memory they need, beside Keras and scikit-learn with the same recipe in the same run.
// Run: node bench/train.ts [autoencoder] [cough] [dog] [product]
// PYTHON names an interpreter that has the requirements of ../shared/peers/requirements-make.txt; without it, the figures
// that were measured on another machine of two cores stand for the other side.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.ts'
import { describeMachine, type Line, median, printTable, show } from './serve/report.ts'
import type { Repeated } from './train/repeat.ts'

interface Part {
  readonly name: string
  readonly what: string
  readonly script: string
  /** Of `train_bench.py`. */
  readonly peer: string
  /** Which of its lines. */
  readonly line: string
  readonly stored: Repeated
  readonly speedGoal: number
  readonly memoryGoal: (peer: number) => number
}

const PARTS: readonly Part[] = [
  {
    name: 'autoencoder',
    what: 'autoencoder, 50 epochs × 2,000 windows',
    script: 'autoencoder.ts',
    peer: 'vibration',
    line: 'vibration: autoencoder, 50 epochs of 2,000 windows, batch 32',
    stored: { seconds: [2.7], peakMb: Number.NaN },
    speedGoal: 5,
    memoryGoal: (peer) => peer / 3,
  },
  {
    name: 'cough',
    what: 'cough network, an epoch of 400 spectrograms',
    script: 'cough-network.ts',
    peer: 'cough',
    line: 'cough: epoch of 400 spectrograms',
    stored: { seconds: [5.2], peakMb: 2000 },
    speedGoal: 1.2,
    memoryGoal: (peer) => peer / 3,
  },
  {
    name: 'dog',
    what: 'exact dog recipe, an epoch of 400 augmented pictures on ResNet50V2',
    script: 'dog-epoch.ts',
    peer: 'dog',
    line: 'dog: epoch',
    stored: { seconds: [400 / 43], peakMb: 2700 },
    speedGoal: 1,
    memoryGoal: (peer) => peer / 2,
  },
  {
    name: 'product',
    what: 'product fit, 6,000 names',
    script: 'product-names.ts',
    peer: 'product',
    line: 'product: TF-IDF and calibrated SVM on 6,000 names',
    stored: { seconds: [0.215], peakMb: Number.NaN },
    speedGoal: 1,
    memoryGoal: () => 100,
  },
]

const PEERS = fileURLToPath(new URL('../../shared/peers/', import.meta.url))
/** Fits the names of a file with the Python service's own `fit`; its line is as train_bench.py's. */
const FIT_NAMES = `
import json, resource, sys, time
sys.path.insert(0, sys.argv[1] + "product")
from training import fit
rows = json.load(open(sys.argv[2]))
names, labels = [r["name"] for r in rows], [r["category"] for r in rows]
times = []
for _ in range(3):
    start = time.perf_counter()
    fit(names, labels)
    times.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"what": sys.argv[3], "all_s": times, "peak_mb": peak}))
`

const python = process.env.PYTHON
const asked = process.argv.slice(2)
const parts = PARTS.filter(({ name }) => asked.length === 0 || asked.includes(name))
const folder = await mkdtemp(join(tmpdir(), 'duga-bench-train-'))
try {
  const lines: Line[] = []
  for (const part of parts) lines.push(...(await measure(part)))
  console.log(`\n${describeMachine()}\n`)
  printTable(lines)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure(part: Part): Promise<Line[]> {
  const names = join(folder, 'names.json')
  const script = fileURLToPath(new URL(`./train/${part.script}`, import.meta.url))
  const ours = JSON.parse(await runProgram(process.execPath, [script, names])) as Repeated
  const theirs = python === undefined ? part.stored : await measurePeer(python, part, names)
  console.log(`${part.what}: ${show(ours.seconds)} s, beside it ${show(theirs.seconds)} s`)
  const speed = median(theirs.seconds) / median(ours.seconds)
  const mostMb = part.memoryGoal(theirs.peakMb)
  return [
    {
      what: `${part.what}: times as fast`,
      goal: `≥ ${part.speedGoal}`,
      measured: `${speed.toFixed(2)}: ${show(ours.seconds)} s, the other ${show(theirs.seconds)} s`,
      reached: speed >= part.speedGoal,
    },
    {
      what: `${part.what}: peak memory, MB`,
      goal: `≤ ${mostMb.toFixed(0)}`,
      measured: `${ours.peakMb.toFixed(0)}, the other ${theirs.peakMb.toFixed(0)}`,
      reached: Number.isNaN(mostMb) ? null : ours.peakMb <= mostMb,
    },
  ]
}

async function measurePeer(program: string, part: Part, names: string): Promise<Repeated> {
  if (!existsSync(PEERS)) throw new Error('PYTHON is set, but ../shared/peers is not there.')
  const output =
    part.name === 'product'
      ? await runProgram(program, ['-c', FIT_NAMES, PEERS, names, part.line])
      : await runProgram(program, [join(PEERS, 'train_bench.py'), part.peer])
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; all_s: number[]; peak_mb: number })
  const found = lines.find(({ what }) => what === part.line)
  if (found === undefined) throw new Error(`${part.peer} printed no line "${part.line}".`)
  return { seconds: found.all_s, peakMb: found.peak_mb }
}
