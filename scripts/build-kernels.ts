// Compiles src/tensor/kernels/*.as (AssemblyScript) to WebAssembly and writes each as a base64
// module beside its source. For developers only: the compiler is fetched by npx, what it made is
// committed, and a test checks that it is current.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const COMPILER = 'assemblyscript@0.28.20'
const FLAGS = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert']

for (const source of globSync('src/tensor/kernels/*.as')) {
  const bytes = compile(source)
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex')
  writeFileSync(source.replace(/\.as$/, '-wasm.ts'), toModule(source, bytes, hash))
  console.log(`${source}: ${bytes.length} bytes`)
}

function compile(source: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'))
  try {
    copyFileSync(source, join(folder, 'kernel.ts'))
    const run = spawnSync(
      'npx',
      ['--yes', '--package', COMPILER, 'asc', 'kernel.ts', '--outFile', 'kernel.wasm', ...FLAGS],
      { cwd: folder, encoding: 'utf8' },
    )
    if (run.status !== 0) throw new Error(`${source} does not compile:\n${run.stderr}`)
    return readFileSync(join(folder, 'kernel.wasm'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function toModule(source: string, bytes: Buffer, hash: string): string {
  const lines = bytes.toString('base64').match(/.{1,96}/g) ?? []
  return [
    `// Generated from ${source} by scripts/build-kernels.ts (${COMPILER}): do not edit.`,
    '',
    '/** SHA-256 of the source. */',
    `export const SOURCE = '${hash}'`,
    '',
    'export const WASM = `',
    ...lines,
    '`',
    '',
  ].join('\n')
}
