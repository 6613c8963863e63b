// Runs the test suite: every *.test.ts file, or with --slow every *.slow.ts file. Other arguments name files.
// With --no-skips a skipped test fails the run, which is how CI makes sure that nothing was left out.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

const folder = mkdtempSync(join(tmpdir(), 'duga-test-'))
const tap = join(folder, 'result.tap')
const run = spawnSync(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    '--import',
    './test/setup.ts',
    '--test',
    `--test-concurrency=${slow ? 1 : 2}`,
    '--test-timeout=240000',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=tap',
    `--test-reporter-destination=${tap}`,
    ...files,
  ],
  { stdio: 'inherit' },
)
const skipped = readFileSync(tap, 'utf8')
  .split('\n')
  .filter((line) => /^\s*ok \d+ .*# SKIP/.test(line))
  .map((line) => line.trim())
rmSync(folder, { recursive: true })

if (skipped.length > 0)
  console.log(`\nSkipped, and so not shown to work here:\n${skipped.join('\n')}`)
if (skipped.length > 0 && args.includes('--no-skips')) process.exit(1)
process.exit(run.status ?? 1)
