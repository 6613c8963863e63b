// What picture routes are compared with: the service's own decode and onnxruntime on one thread, in a loop and with nothing
// around them. Prints JSON. Run: node bench/serve/raw-pictures.ts <service> <picture> <milliseconds>
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { loadSession, type Session } from '../../src/engine/runtime.ts'
import type { Decode, DecodeContext } from '../../src/engine/service.ts'
import type { Manifest } from '../../src/manifest.ts'

const WARM_UP_MS = 3000

const [service, picture, milliseconds] = process.argv.slice(2) as [string, string, string]
const folder = new URL(`../../models/${service}/`, import.meta.url)
const manifest: Manifest = JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8'))
const sessions = new Map<string, Session>()
for (const [role, { name }] of Object.entries(manifest.files)) {
  if (!name.endsWith('.onnx')) continue
  sessions.set(role, await loadSession(fileURLToPath(new URL(name, folder)), { threads: 1 }))
}
const context: DecodeContext = {
  manifest,
  run: (role, feeds) => sessions.get(role)!.run(feeds),
  file: (role) => readFile(new URL(manifest.files[role]!.name, folder)),
}
const module: { decode: Decode<Uint8Array> } = await import(
  `../../src/services/${service}/decode.ts`
)
const bytes = new Uint8Array(await readFile(picture))

await loop(WARM_UP_MS)
const { count, seconds } = await loop(Number(milliseconds))
console.log(JSON.stringify({ perSecond: count / seconds }))

async function loop(limit: number): Promise<{ readonly count: number; readonly seconds: number }> {
  const began = performance.now()
  let count = 0
  while (performance.now() - began < limit) {
    const { feeds } = await module.decode(bytes, context)
    await sessions.get('model')!.run(feeds)
    count += 1
  }
  return { count, seconds: (performance.now() - began) / 1000 }
}
