// Opens a home: database, blobs, registry, accounts. What the server, the job process and most commands stand on.
import { createRequireAdmin } from '../auth/admin.ts'
import { type Clients, createClients } from '../auth/clients.ts'
import { createLockout, type Lockout } from '../auth/lockout.ts'
import { createUsers, type Users } from '../auth/users.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import { openLinearText } from '../engine/inline-linear.ts'
import type { ServiceModule } from '../http/service-module.ts'
import type { VersionFiles } from '../manifest.ts'
import { openRegistry, type Registry } from '../registry/registry.ts'
import { type BlobStore, openBlobStore } from '../store/blobs.ts'
import { type Home, openHome } from '../store/home.ts'
import type { WaitOptions } from '../store/open-server.ts'
import { openStores, type Stores } from '../store/stores.ts'
import type { VersionRow } from '../store/versions.ts'
import { type CliContext, type CommonOptions, configFor } from './context.ts'

export interface Core {
  readonly config: Config
  readonly services: readonly ServiceModule[]
  readonly clock: Clock
  readonly home: Home
  readonly stores: Stores
  readonly blobs: BlobStore
  readonly registry: Registry
  readonly clients: Clients
  readonly users: Users
  readonly lockout: Lockout
  readonly requireAdmin: ReturnType<typeof createRequireAdmin>
  close(): Promise<void>
}

export interface CoreOptions {
  readonly services: readonly ServiceModule[]
  /** How a version is proven before it is promoted; by default in an engine of its own that is closed after it. */
  readonly verify?: (module: ServiceModule, files: VersionFiles) => Promise<void>
  readonly clock?: Clock
  /** What to do while a database server is away; by default to give up at once. */
  readonly database?: WaitOptions
}

/** @throws DugaError home.newer, store.newer, and as `openDatabase` */
export async function openCore(
  config: Config,
  { services, verify = verifyAside, clock = systemClock, database = {} }: CoreOptions,
): Promise<Core> {
  const home = await openHome(config.home, config)
  const pool = config.databasePool
  const stores = await openStores(config.database, clock, { pool, ...database })
  const blobs = await openBlobStore(home.blobs)
  const registry = await openRegistry({
    stores,
    blobs,
    clock,
    verify: async (row) => {
      const module = services.find(({ definition }) => definition.name === row.service)
      // A service of another program may share the home; it is not ours to judge.
      if (module) await verify(module, await filesOf(registry, row))
    },
  })
  const { secrets } = home
  const clients = createClients({
    store: stores.clients,
    clock,
    secretKey: secrets.secretKey,
    accessTokenMinutes: config.accessTokenMinutes,
  })
  const lockout = createLockout(stores.loginFailures, clock)
  const users = createUsers({
    store: stores.users,
    revocations: stores.revocations,
    lockout,
    clock,
    jwtSecretKey: secrets.jwtSecretKey,
  })
  return {
    config,
    services,
    clock,
    home,
    stores,
    blobs,
    registry,
    clients,
    users,
    lockout,
    requireAdmin: createRequireAdmin(secrets.adminToken, clients),
    close: () => stores.close(),
  }
}

/** Opens the core for the length of one piece of work. */
export async function withCore<Result>(
  context: CliContext,
  options: CommonOptions,
  work: (core: Core) => Promise<Result>,
): Promise<Result> {
  const config = configFor(options)
  const core = await openCore(config, { services: context.services(config) })
  try {
    return await work(core)
  } finally {
    await core.close()
  }
}

/** A version as the engine loads it. */
export async function filesOf(
  registry: Pick<Registry, 'filePaths'>,
  { manifest }: VersionRow,
): Promise<VersionFiles> {
  return { manifest, paths: await registry.filePaths(manifest) }
}

/** An engine for a command: one lane, as many onnxruntime threads as allowed. */
export function createCommandEngine(config: Config): Engine {
  return createEngine({ lanes: 1, threads: Math.max(1, config.lanes), graphs: [openLinearText] })
}

async function verifyAside({ definition }: ServiceModule, files: VersionFiles): Promise<void> {
  const engine = createEngine({ lanes: 1, threads: 1, graphs: [openLinearText] })
  try {
    await engine.load(definition, files)
  } finally {
    await engine.close()
  }
}
