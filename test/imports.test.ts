// Imports point only downwards; some packages and SQL have one home.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

/** In the order in which data flows: a folder may import itself and what stands after it. */
const LAYERS = [
  'main.ts',
  'services',
  'cli',
  'http',
  'streams',
  'commands',
  'jobs',
  'auth',
  'registry',
  'train',
  'importers',
  'engine',
  'onnx',
  'store',
  'manifest.ts',
  'tensor',
  'config.ts',
  'database-target.ts',
  'errors.ts',
  'alert.ts',
  'back-off.ts',
  'clock.ts',
  'json.ts',
  'resolve-relative.ts',
]

const files = globSync('src/**/*.ts').filter((file) => !/\.(test|slow)\.ts$/.test(file))

function importsOf(file: string): readonly string[] {
  // Templates may hold source text of other files.
  const source = readFileSync(file, 'utf8').replaceAll(/`[^`]*`/g, '``')
  const found = source.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'/g)
  const bare = source.matchAll(/(?:^|\n)\s*import\s*'([^']+)'/g)
  const dynamic = source.matchAll(/\bimport\(\s*'([^']+)'/g)
  return [...found, ...bare, ...dynamic].map((match) => match[1]!)
}

function layerOf(path: string): number {
  return LAYERS.indexOf(path.split('/')[1]!)
}

test('every file under src belongs to a layer', () => {
  assert.deepEqual(
    files.filter((file) => layerOf(file) === -1),
    [],
  )
})

test('imports point only downwards', () => {
  const upwards = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(file), name)))
      .filter((target) => target.startsWith('src/') && layerOf(target) < layerOf(file))
      .map((target) => `${file} → ${target}`),
  )
  assert.deepEqual(upwards, [])
})

test('the test would see an upward import', () => {
  assert.ok(importsOf('src/errors.ts').length === 0)
  assert.ok(importsOf('src/http/kit.ts').includes('../errors.ts'))
})

test('no service imports another service', () => {
  const across = files.flatMap((file) => {
    const own = /^src\/services\/([^/]+)\//.exec(file)?.[1]
    if (own === undefined) return []
    return importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(file), name)))
      .filter((target) => /^src\/services\/[^/]+\//.test(target))
      .filter((target) => !target.startsWith(`src/services/${own}/`))
      .map((target) => `${file} → ${target}`)
  })
  assert.deepEqual(across, [])
})

const HOMES: Readonly<Record<string, RegExp>> = {
  'onnxruntime-node': /^src\/engine\/runtime\.ts$/,
  kysely: /^src\/store\//,
  pg: /^src\/store\/postgres\.ts$/,
  mysql2: /^src\/store\/mysql\.ts$/,
  'node:sqlite': /^src\/store\//,
  sharp: /^src\/engine\/decoders\//,
  fastify: /^src\/(http|services)\//,
  jose: /^src\/auth\//,
}

test('a package with one home is imported nowhere else', () => {
  const strays = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => HOMES[name] !== undefined && !HOMES[name].test(file))
      .map((name) => `${file} → ${name}`),
  )
  assert.deepEqual(strays, [])
})
