// What a training ran on.
import { readFileSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'
import type { Json } from '../../json.ts'

export function describeEnvironment(): { readonly [key: string]: Json } {
  const file = new URL('../../../package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }
  const processors = cpus()
  return {
    duga: version,
    node: process.versions.node,
    system: `${platform()} ${arch()}`,
    processor: processors[0]?.model.trim() || 'unknown',
    cores: processors.length,
    memory_gib: Math.round((totalmem() / 1024 ** 3) * 10) / 10,
  }
}
