import process from 'node:process'
import { fileURLToPath } from 'node:url'

/**
 * Starts this process once more as bin/duga.js starts a training: glibc gives large blocks back, from two arenas, the young
 * generation of V8 stays small, and what the compiler made of the sources is kept.
 */
export function restartAsTraining(): void {
  const limit = 'MALLOC_MMAP_THRESHOLD_'
  if (process.platform !== 'linux' || process.env[limit]) return
  const cache = fileURLToPath(new URL('../../node_modules/.cache/duga', import.meta.url))
  const environment = { MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: cache, ...process.env }
  const flags = { NODE_OPTIONS: '--max-semi-space-size=4', [limit]: '262144' }
  process.execve!(process.execPath, [process.execPath, ...process.argv.slice(1)], {
    ...environment,
    ...flags,
  })
}
