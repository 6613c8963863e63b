// Composes the server: home and lock → registry → engine → HTTP, and takes it down in the reverse order.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createImportAside } from '../commands/import-aside.ts'
import type { Config } from '../config.ts'
import type { Engine } from '../engine/engine.ts'
import { createEventBus } from '../http/event-bus.ts'
import type { Readiness } from '../http/routes/health.ts'
import type { ServiceModule } from '../http/service-module.ts'
import { createEmbeddedQueue } from '../jobs/embedded-queue.ts'
import { superviseJobs } from '../jobs/supervisor.ts'
import { syncBundled } from '../registry/sync-bundled.ts'
import { isUnavailable } from '../store/database-errors.ts'
import { lockHome } from '../store/home-lock.ts'
import { type RevisionWatch, watchRevisions } from '../store/revisions.ts'
import { type Core, openCore } from './core.ts'
import { keepHouse } from './housekeeping.ts'
import { openOutboxes } from './open-outboxes.ts'
import { findDropIns } from './serve-drop-ins.ts'
import { serveVersions } from './serve-versions.ts'
import { createServerEngine, type ServerEngine } from './server-engine.ts'
import { MODELS_FOLDER } from './sync-models.ts'

export interface ServerOptions {
  readonly config: Config
  readonly services: readonly ServiceModule[]
  readonly version: string
  /** Name of the one service at the root; null for all. */
  readonly standalone?: string | null
  /** See `AppParts.requestTimeoutMs`. */
  readonly requestTimeoutMs?: number
  /** Folder of the models that ship. Default: Duga's own; one that is not there holds none. */
  readonly bundled?: string
  /** Started before the rest; made here where it is left out. Closed with the server, or when it cannot start. */
  readonly started?: ServerEngine
}

export interface Server {
  /** `http://127.0.0.1:8000` */
  readonly url: string
  readonly core: Core
  readonly engine: Engine
  /** Stops listening, answers what is under way, ends lanes and jobs, frees the home. */
  close(): Promise<void>
}

/** The other lanes would take the cores from the first answers. */
const OTHER_LANES_MS = 500

const PROGRAM = fileURLToPath(new URL('../../bin/duga.js', import.meta.url))

/** @throws DugaError home.locked, home.newer, store.newer; an error of `listen` */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, services, standalone = null, bundled = MODELS_FOLDER } = options
  const served = services.filter(
    ({ definition }) => standalone === null || definition.name === standalone,
  )
  const { engine, metrics, log } = options.started ?? createServerEngine(config, served)
  const undo: (() => Promise<void> | void)[] = [() => engine.close()]
  const takeDown = async (): Promise<void> => {
    for (const step of undo.splice(0)) await step()
  }
  let watch: RevisionWatch | undefined
  try {
    const core = await openCore(config, {
      services,
      verify: ({ definition }, files) => engine.prepare(definition, files),
      database: {
        wait: config.databaseWaitSeconds * 1000,
        onWait: (error) => log.warn({ err: error }, 'waiting for the database'),
      },
    })
    undo.push(() => core.close())
    const lock = lockHome(core.home.folder)
    undo.push(() => lock.release())
    await emptyFolder(core.home.temporary)
    for (const result of await syncBundled(core.registry, core.stores, bundled)) {
      if (result.error !== null) log.error({ err: result.error, ...result }, 'bundled model')
    }
    const versions = await serveVersions({ core, engine, metrics, log, modules: served })
    // Imported only now: the lane is loading meanwhile.
    const { createApp } = await import('../http/app.ts')
    const supervisor = superviseJobs({
      jobs: core.stores.jobs,
      clock: core.clock,
      command: [process.execPath, PROGRAM, 'run-job', '--home', config.home],
      environment: {},
      onError: (error) => {
        // A database that is away is told by who watches it.
        if (!isUnavailable(error)) log.error(error, 'jobs')
      },
    })
    undo.unshift(() => supervisor.close())
    const imports = createImportAside({
      command: [process.execPath, PROGRAM, 'run-import', '--home', config.home],
      temporary: core.home.temporary,
    })
    const dropIns = await findDropIns({ core, imports, log, modules: served })
    undo.unshift(keepHouse(core, (error) => log.error(error, 'housekeeping')))
    const outboxes = await openOutboxes(config, { metrics, log })
    undo.unshift(() => outboxes?.close())
    const app = await createApp({
      version: options.version,
      config,
      clock: core.clock,
      log,
      services,
      standalone,
      engine,
      stores: core.stores,
      registry: core.registry,
      clients: core.clients,
      users: core.users,
      requireAdmin: core.requireAdmin,
      outboxes,
      jobs: createEmbeddedQueue(core.stores.jobs, supervisor.wake),
      metrics,
      events: createEventBus(),
      folders: { home: core.home.folder, temporary: core.home.temporary, data: config.data },
      readiness: () => withDatabase(dropIns.readiness(versions.readiness()), watch),
      importModel: imports.run,
      ...(options.requestTimeoutMs !== undefined && {
        requestTimeoutMs: options.requestTimeoutMs,
      }),
    })
    undo.unshift(() => app.close())
    // The routes were made while the lanes were loading.
    await versions.loaded
    watch = await watchRevisions(
      core.stores.db,
      (name) => {
        if (name === 'registry') versions.refresh()
        if (name !== 'auth') return
        core.clients.forgetVerified()
        core.users.forgetVerified()
      },
      { failed: (error) => log.error(error) },
    )
    undo.unshift(() => watch?.stop())
    // What was promoted while the versions were loading.
    versions.refresh()
    const url = await app.listen({ host: config.host, port: config.port })
    const imported = dropIns.start()
    undo.unshift(async () => {
      await imports.close()
      await imported
    })
    const others = setTimeout(() => engine.startAll(), OTHER_LANES_MS)
    undo.unshift(() => clearTimeout(others))
    return { url, core, engine, close: takeDown }
  } catch (error) {
    await takeDown()
    throw error
  }
}

function withDatabase(readiness: Readiness, watch: RevisionWatch | undefined): Readiness {
  const since = watch?.awaySince() ?? null
  if (since === null) return { ...readiness, database: 'ok' }
  const database = `away since ${new Date(since).toISOString()}`
  return { ...readiness, ready: false, database }
}

async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder)
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}
