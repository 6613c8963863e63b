// Runs the test suite: every *.test.ts file, or with --slow every *.slow.ts file. Other arguments name files.
// With --no-skips a skipped test fails the run, which is how CI makes sure that nothing was left out.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What they measure would be another's doing if anything ran beside them. */
const ALONE = ['src/engine/memory.slow.ts', 'test/health-latency.slow.ts']
/** One more than the cores of a small machine: tests wait for processes and disks. */
const CONCURRENCY = 3
const SLOW_CONCURRENCY = 2

// Every file is a process, and many start threads: without the cache each of them strips the types of all it imports.
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/duga', import.meta.url))

const [, , ...args] = process.argv
const slow = args.includes('--slow')
const named = args.filter((arg) => !arg.startsWith('--'))
const suffix = slow ? 'slow' : 'test'
const files =
  named.length > 0 ? named : globSync([`src/**/*.${suffix}.ts`, `test/**/*.${suffix}.ts`]).sort()
if (files.length === 0) {
  console.error(`No *.${suffix}.ts file was found.`)
  process.exit(1)
}

const alone = files.filter((file) => ALONE.includes(file))
const others = files.filter((file) => !ALONE.includes(file))
const runs = [runFiles(others, slow ? SLOW_CONCURRENCY : CONCURRENCY), runFiles(alone, 1)]
const skipped = runs.flatMap((run) => run.skipped)
if (skipped.length > 0)
  console.log(`\nSkipped, and so not shown to work here:\n${skipped.join('\n')}`)
const passed =
  runs.every((run) => run.passed) && !(skipped.length > 0 && args.includes('--no-skips'))
process.exit(passed ? 0 : 1)

function runFiles(
  some: readonly string[],
  concurrency: number,
): { readonly passed: boolean; readonly skipped: readonly string[] } {
  if (some.length === 0) return { passed: true, skipped: [] }
  const folder = mkdtempSync(join(tmpdir(), 'duga-test-'))
  const tap = join(folder, 'result.tap')
  const { status } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      './test/setup.ts',
      '--test',
      `--test-concurrency=${concurrency}`,
      '--test-timeout=240000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${tap}`,
      ...some,
    ],
    { stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: COMPILED } },
  )
  const lines = readFileSync(tap, 'utf8').split('\n')
  rmSync(folder, { recursive: true })
  const skipped = lines.filter((line) => /^\s*ok \d+ .*# SKIP/.test(line))
  return { passed: status === 0, skipped: skipped.map((line) => line.trim()) }
}
