// The whole HTTP layer with the dog service alone in it, over a home of its own and, if wanted, the bundled model.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { type Core, openCore } from '../../src/cli/core.ts'
import { loadConfig } from '../../src/config.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { createApp } from '../../src/http/app.ts'
import { createEventBus } from '../../src/http/event-bus.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { toServiceModule } from '../../src/http/service-module.ts'
import type { JobQueue } from '../../src/jobs/queue.ts'
import type { Manifest } from '../../src/manifest.ts'
import { dogContract, dogRootRoutes } from '../../src/services/dog/contract.ts'
import { dog } from '../../src/services/dog/index.ts'

const MODEL = fileURLToPath(new URL('../../models/dog/', import.meta.url))

export interface DogApp {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  readonly core: Core
  close(): Promise<void>
}

export interface DogAppOptions {
  readonly model?: boolean
  /** Under `/dog` instead of at the root. */
  readonly mounted?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

export async function startDogApp({
  model = true,
  mounted = false,
  environment = {},
}: DogAppOptions = {}): Promise<DogApp> {
  const home = await mkdtemp(join(tmpdir(), 'duga-dog-'))
  const config = loadConfig({ DUGA_HOME: home, ...environment })
  const module = toServiceModule({
    definition: dog,
    contract: dogContract,
    rootRoutes: dogRootRoutes,
    access: 'public',
  })
  const core = await openCore(config, { services: [module] })
  const engine = createEngine({ lanes: 1, threads: 1, clock: core.clock })
  if (model) {
    const manifest = JSON.parse(await readFile(join(MODEL, 'manifest.json'), 'utf8')) as Manifest
    const files = Object.entries(manifest.files)
    const paths = Object.fromEntries(files.map(([role, { name }]) => [role, join(MODEL, name)]))
    await engine.load(dog, { manifest, paths })
  }
  const app = await createApp({
    version: '0.0.0',
    config,
    clock: core.clock,
    log: pino({ level: 'silent' }),
    services: [module],
    standalone: mounted ? null : 'dog',
    engine,
    stores: core.stores,
    registry: core.registry,
    clients: core.clients,
    users: core.users,
    requireAdmin: core.requireAdmin,
    jobs: {} as JobQueue,
    importModel: () => Promise.reject(new Error('no imports here')),
    metrics: createMetrics(),
    events: createEventBus(),
    folders: { home: core.home.folder, temporary: core.home.temporary, data: config.data },
    outboxes: null,
    readiness: () => ({ ready: true, services: {} }),
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    core,
    close: async () => {
      await app.close()
      await engine.close()
      await core.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
