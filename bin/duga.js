#!/usr/bin/env node
// The `duga` program: runs the TypeScript sources in a checkout, the emitted JavaScript in an installed package.
import { existsSync } from 'node:fs'
import module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(
    `duga needs Node 24 or newer; this is ${process.version}. In a checkout, use npx duga.`,
  )
  process.exit(1)
}

// node:sqlite is called experimental; people need not read that at every start.
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.warn(`${warning.name}: ${warning.message}`)
})

keepCompiledCode()
limitMemory()
const inCheckout = existsSync(new URL('../src/main.ts', import.meta.url))
await importOwn('resolve-relative')
await importOwn('main')

/** @param {string} name */
async function importOwn(name) {
  await import(
    new URL(inCheckout ? `../src/${name}.ts` : `../dist/${name}.js`, import.meta.url).href
  )
}

/**
 * Keeps what the compiler made of the sources: without it every thread strips the types anew, which costs each 120 ms and
 * 28 MB. Worker threads read the variable, this one has started before it was set.
 */
function keepCompiledCode() {
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL('../node_modules/.cache/duga', import.meta.url),
  )
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
}

/**
 * What can only be said before a process starts: so a server or a training starts itself once more, under the same process id.
 * - glibc keeps the memory of released models unless large blocks are mapped on their own, and what each of its arenas
 *   has freed: two do for a few lanes.
 * - V8 lets the young generation of the main thread grow to 48 MB. Product requests spend 4 % of their time collecting
 *   garbage then, 9 % with these 12 MB, and 17 % with 6. A product training takes no longer with them, and 97 MB instead of 142.
 */
function limitMemory() {
  const name = 'MALLOC_MMAP_THRESHOLD_'
  if (process.platform !== 'linux' || process.env[name]) return
  if (!['serve', 'train'].includes(process.argv[2])) return
  // Its jobs and imports are processes too, and take both over.
  const NODE_OPTIONS = `--max-semi-space-size=4 ${process.env.NODE_OPTIONS ?? ''}`
  const environment = { MALLOC_ARENA_MAX: '2', ...process.env, NODE_OPTIONS, [name]: '262144' }
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    environment,
  )
}
