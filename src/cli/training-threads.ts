// How many processor threads a training may use: all of them where nothing serves on the home, else all but one.
import { availableParallelism } from 'node:os'
import { homeHolder } from '../store/home-lock.ts'

export function trainingThreads(home: string): number {
  const cores = availableParallelism()
  return homeHolder(home) === null ? cores : Math.max(1, cores - 1)
}
