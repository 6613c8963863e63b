import process from 'node:process'

/** Starts this process once more as bin/duga.js starts a training: glibc gives large blocks back, from two arenas. */
export function restartAsTraining(): void {
  const limit = 'MALLOC_MMAP_THRESHOLD_'
  if (process.platform !== 'linux' || process.env[limit]) return
  const environment = { MALLOC_ARENA_MAX: '2', ...process.env, [limit]: '262144' }
  process.execve!(process.execPath, [process.execPath, ...process.argv.slice(1)], environment)
}
