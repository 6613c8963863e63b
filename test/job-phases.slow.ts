// A training that is killed with −9, or cancelled, in every phase: what serves goes on serving, nothing half-written can
// be loaded, and a killed one is resumed to the very bits that it would have ended with.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createEngine } from '../src/engine/engine.ts'
import { openTestRegistry } from '../src/registry/fixtures/open-test-registry.ts'
import { vibration } from '../src/services/vibration/index.ts'
import { createRandom } from '../src/train/random.ts'
import { runNextJob } from './builders/run-job-until.ts'

const RUN = join(import.meta.dirname, 'builders', 'run-job-until.ts')
const PHASES = [
  ['progress', 'reading'],
  ['progress', '0\\.2\\d training'],
  ['progress', '0\\.5\\d training'],
  ['progress', '0\\.8\\d training'],
  ['progress', 'judging'],
  ['progress', 'done'],
  ['progress', 'writing the report'],
  ['progress', 'promoting'],
  ['step', 'blob'],
  ['step', 'row'],
  ['step', 'checked'],
  ['step', 'active'],
] as const

let folder = ''
/** With a version that serves, and a job that waits. */
let start = ''
/** What that job ends with when it is left alone. */
let expected = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-phases-'))
  start = join(folder, 'start')
  await cp(await mkdtemp(join(folder, 'empty-')), start, { recursive: true })
  await writeFan(join(folder, 'fan.csv'))
  await submit(1)
  assert.equal((await runNextJob(start)).status, 'succeeded')
  await submit(2)
  const alone = join(folder, 'alone')
  await cp(start, alone, { recursive: true })
  assert.equal((await runNextJob(alone)).status, 'succeeded')
  expected = (await inspect(alone)).model
})
after(() => rm(folder, { recursive: true }))

async function submit(seed: number): Promise<void> {
  const { stores } = await openTestRegistry(start)
  const parameters = { data: join(folder, 'fan.csv'), seed, epochs: 20 }
  await stores.jobs.accept({ service: 'vibration', parameters })
  await stores.close()
}

async function writeFan(path: string): Promise<void> {
  const random = createRandom(4)
  const noise = () => random() + random() - 1
  const lines = ['label,x,y,z']
  for (const [state, shake] of [
    ['normal', 0],
    ['broken', 0.3],
  ] as const) {
    for (let i = 0; i < 4800; i++) {
      const turn = Math.sin(i / 2.1)
      const y = shake * Math.sin(i / 1.3) + 0.1 * turn + 0.05 * noise()
      lines.push(`${state},${1 + 0.05 * turn + 0.03 * noise()},${y},${0.05 * noise() - 0.1}`)
    }
  }
  await writeFile(path, `${lines.join('\n')}\n`)
}

/** Loads every version that there is, as the server would. @returns the one that serves and its model's hash */
async function inspect(home: string): Promise<{ version: string; model: string; count: number }> {
  const { registry, stores, blobs } = await openTestRegistry(home)
  const engine = createEngine({ lanes: 1, threads: 1 })
  try {
    const rows = await registry.listVersions('vibration')
    for (const { manifest } of rows) {
      for (const { sha256 } of Object.values(manifest.files)) await blobs.verify(sha256)
      await engine.load(vibration, { manifest, paths: await registry.filePaths(manifest) })
    }
    const active = (await registry.activeVersion('vibration'))!
    return {
      ...{ version: active.version, count: rows.length },
      model: active.manifest.files.model!.sha256,
    }
  } finally {
    await engine.close()
    await stores.close()
  }
}

for (const [kind, what] of PHASES) {
  test(`killed at ${kind} ${what}`, async () => {
    const home = await mkdtemp(join(folder, 'killed-'))
    await cp(start, home, { recursive: true })
    const before = await inspect(home)
    const child = spawn(process.execPath, [RUN, home, kind, what], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [, signal] = await once(child, 'exit')
    assert.equal(signal, 'SIGKILL')
    const left = await inspect(home)
    if (what !== 'active') assert.equal(left.version, before.version)
    const resumed = await runNextJob(home)
    assert.equal(resumed.status, 'succeeded', resumed.error ?? '')
    const done = await inspect(home)
    assert.equal(done.version, resumed.version)
    assert.equal(done.model, expected, 'bit for bit')
    assert.equal(done.count, 2)
    assert.deepEqual(await readdir(join(home, 'checkpoints')), [])
    const { metrics } = resumed.result as { metrics: Record<string, number> }
    assert.ok(metrics.roc_auc! > 0.9)
  })
}

test('the disk is full while a checkpoint is written', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full on this system')
  const home = await mkdtemp(join(folder, 'full-'))
  await cp(start, home, { recursive: true })
  const before = await inspect(home)
  let epochs = 0
  const failed = await runNextJob(home, {
    inTraining: (checkpoints) => {
      epochs += 1
      const [own] = readdirSync(checkpoints)
      if (epochs !== 8) return
      symlinkSync('/dev/full', join(checkpoints, own!, `latest.safetensors.${process.pid}.tmp`))
    },
  })
  assert.equal(failed.status, 'failed')
  assert.match(failed.error!, /There is no space left on the disk.*--resume/)
  assert.deepEqual(await inspect(home), before)
  const { stores } = await openTestRegistry(home)
  await stores.jobs.resume(failed.id)
  await stores.close()
  let first = 0
  const resumed = await runNextJob(home, {
    onProgress: (fraction, message) => {
      if (message.startsWith('training') && fraction > 0.2) first ||= fraction
      return undefined
    },
  })
  assert.equal(resumed.status, 'succeeded', resumed.error ?? '')
  assert.ok(first > 0.4, `it went on at ${first}`)
  assert.equal((await inspect(home)).model, expected, 'bit for bit')
})

/** From the check on the promotion is being decided, and a cancel is refused. */
const DECIDED: readonly string[] = ['checked', 'active']

for (const [kind, what] of PHASES.filter(([, phase]) => !DECIDED.includes(phase))) {
  test(`cancelled at ${kind} ${what}`, async () => {
    const home = await mkdtemp(join(folder, 'cancelled-'))
    await cp(start, home, { recursive: true })
    const before = await inspect(home)
    const { stores } = await openTestRegistry(home)
    let asked: Promise<unknown> | undefined
    const cancel = (): Promise<unknown> => {
      asked ??= stores.jobs.list({ limit: 1 }).then(({ items }) => stores.jobs.cancel(items[0]!.id))
      return asked
    }
    const pattern = new RegExp(what)
    const ended = await runNextJob(home, {
      onProgress: (fraction, message) =>
        kind === 'progress' && pattern.test(`${fraction.toFixed(2)} ${message}`)
          ? cancel()
          : undefined,
      onStep: (step) => {
        if (kind === 'step' && step === what) void cancel()
      },
    })
    await asked
    await stores.close()
    assert.equal(ended.status, 'cancelled')
    const left = await inspect(home)
    assert.equal(left.version, before.version)
    assert.equal(left.count, 1)
  })
}

test('cancelled too late, from another process', async () => {
  const home = await mkdtemp(join(folder, 'late-'))
  await cp(start, home, { recursive: true })
  const fixture = new URL('../src/registry/fixtures/open-test-registry.ts', import.meta.url)
  const script = `
    const { openTestRegistry } = await import('${fixture}')
    const { stores } = await openTestRegistry(process.argv[1])
    const { items } = await stores.jobs.list({ limit: 1 })
    await stores.jobs.cancel(items[0].id).catch(({ code }) => process.stdout.write(code))
    await stores.close()`
  let said = ''
  const ended = await runNextJob(home, {
    onStep: (step) => {
      if (step !== 'checked') return
      const args = ['--input-type=module', '-e', script, home]
      said = spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout
    },
  })
  assert.equal(said, 'job.decided')
  assert.equal(ended.status, 'succeeded')
  assert.equal((await inspect(home)).version, ended.version)
})
