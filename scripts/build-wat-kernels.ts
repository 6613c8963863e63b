// Compiles src/tensor/kernels/*.wat (WebAssembly text) and writes each as a base64 module beside its source.
// For developers only: what it made is committed, and src/tensor/kernels/resize.test.ts checks that it is current.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import loadWabt from 'wabt'

/** The text of the TypeScript module that carries the compiled kernel. */
export async function toKernelModule(name: string, source: string): Promise<string> {
  const wabt = await loadWabt()
  const parsed = wabt.parseWat(`${name}.wat`, source, { simd: true })
  try {
    parsed.validate()
    const bytes = Buffer.from(parsed.toBinary({}).buffer)
    const lines = bytes.toString('base64').match(/.{1,96}/g) ?? []
    return [
      `// Generated from ${name}.wat by scripts/build-wat-kernels.ts: do not edit.`,
      '',
      '/** The compiled module, base64. */',
      'export const WASM = `',
      ...lines,
      '`',
      '',
    ].join('\n')
  } finally {
    parsed.destroy()
  }
}

if (import.meta.main) {
  for (const path of globSync('src/tensor/kernels/*.wat')) {
    const name = path.replace(/^.*[/\\]/, '').replace(/\.wat$/, '')
    const text = await toKernelModule(name, readFileSync(path, 'utf8'))
    writeFileSync(path.replace(/\.wat$/, '-wasm.ts'), text)
    console.log(`${path}: ${text.length} characters`)
  }
}
