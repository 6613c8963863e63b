// The files of a training that can be resumed: the latest state and the best one, each whole or not there at all. Without
// a folder the best is kept in memory and nothing can be resumed.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DugaError } from '../errors.ts'
import { decodeSafetensors, safetensorsHeader, safetensorsParts } from '../tensor/safetensors.ts'
import type { Tensors } from '../tensor/tensor.ts'
import type { TrainingStep } from './create-training-step.ts'
import type { TrainerState } from './trainer-state.ts'

export interface CheckpointFiles {
  /** Puts the latest state into the step. @throws DugaError `training.state` where it is of another training */
  resume(
    step: TrainingStep,
    like: Pick<TrainerState, 'seed' | 'epochs'>,
  ): Promise<TrainerState | null>
  save(step: TrainingStep, state: TrainerState): Promise<void>
  saveBest(step: TrainingStep, state: TrainerState): Promise<void>
  restoreBest(step: TrainingStep, state: TrainerState): Promise<void>
  /** Leaves the step as it is where nothing was saved. */
  restoreLatest(step: TrainingStep): Promise<void>
}

const LATEST = 'latest.safetensors'
const BEST = /^best-\d+\.safetensors$/

export async function openCheckpoints(folder: string | null): Promise<CheckpointFiles> {
  if (folder === null) return inMemory()
  await mkdir(folder, { recursive: true })
  const latest = join(folder, LATEST)
  // Named by its epoch: until the latest state speaks of it, the one before is still needed.
  const bestOf = ({ best }: TrainerState): string => `best-${best!.epoch}.safetensors`
  return {
    resume: async (step, like) => {
      const bytes = await readIfThere(latest)
      if (bytes === null) return null
      const { state, inner } = decode(bytes)
      for (const key of ['seed', 'epochs'] as const) {
        if (state[key] !== like[key]) refuse(`its ${key} is ${state[key]}, not ${like[key]}`)
      }
      step.restore(inner)
      return state
    },
    save: async (step, state) => {
      await writeWhole(latest, encode(state, step.stateParts()))
      const kept = state.best === null ? null : bestOf(state)
      for (const name of await readdir(folder)) {
        if (BEST.test(name) && name !== kept) await rm(join(folder, name), { force: true })
      }
    },
    saveBest: (step, state) =>
      writeWhole(join(folder, bestOf(state)), safetensorsParts(step.parameters())),
    restoreBest: async (step, state) => {
      step.setParameters(decodeSafetensors(await readFile(join(folder, bestOf(state)))))
    },
    restoreLatest: async (step) => {
      const bytes = await readIfThere(latest)
      if (bytes !== null) step.restore(decode(bytes).inner)
    },
  }
}

function inMemory(): CheckpointFiles {
  let best: Tensors | null = null
  return {
    resume: async () => null,
    save: async () => {},
    saveBest: async (step) => {
      best = step.parameters()
    },
    restoreBest: async (step) => {
      if (best !== null) step.setParameters(best)
    },
    restoreLatest: async (step) => {
      if (best !== null) step.setParameters(best)
    },
  }
}

/** A safetensors file of two tensors of bytes, the state of the step (which is such a file too) and our own. */
function encode(state: TrainerState, step: readonly Uint8Array[]): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(state))
  const length = step.reduce((sum, part) => sum + part.length, 0)
  const header = safetensorsHeader([
    { name: 'step', type: 'uint8', dims: [length] },
    { name: 'trainer', type: 'uint8', dims: [text.length] },
  ])
  return [header, ...step, text]
}

function decode(bytes: Uint8Array): { state: TrainerState; inner: Uint8Array } {
  try {
    const { trainer, step } = decodeSafetensors(bytes)
    const state = JSON.parse(new TextDecoder().decode(trainer!.data as Uint8Array)) as TrainerState
    // JSON has no NaN, which a record has where a figure is unknown.
    const history = state.history.map((record) =>
      Object.fromEntries(Object.entries(record).map(([key, value]) => [key, value ?? Number.NaN])),
    ) as unknown as TrainerState['history']
    return { state: { ...state, history }, inner: step!.data as Uint8Array }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DugaError('training.state', { reason }, { cause })
  }
}

/** Under another name first, and on the disk before it gets its own. Parts follow one another. */
async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  // A job that was cancelled and resumed may still have an earlier process for a moment.
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      for (const part of parts) await file.writeFile(part)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function refuse(reason: string): never {
  throw new DugaError('training.state', { reason })
}
