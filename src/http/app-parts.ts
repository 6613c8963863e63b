// What the HTTP layer is given by the composition root.
import type { AdminPrincipal } from '../auth/admin.ts'
import type { Clients } from '../auth/clients.ts'
import type { Users } from '../auth/users.ts'
import type { Clock } from '../clock.ts'
import type { ImportAside } from '../commands/import-aside.ts'
import type { Config } from '../config.ts'
import type { Engine } from '../engine/engine.ts'
import type { JobQueue } from '../jobs/queue.ts'
import type { Registry } from '../registry/registry.ts'
import type { Outboxes } from '../store/outbox/outboxes.ts'
import type { Stores } from '../store/stores.ts'
import type { EventBus } from './event-bus.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './routes/health.ts'
import type { ServiceModule } from './service-module.ts'

export interface AppParts {
  readonly version: string
  readonly config: Config
  readonly clock: Clock
  /** A pino logger. */
  readonly log: object
  readonly services: readonly ServiceModule[]
  /** Name of the one service that stands at the root; null for all under their prefixes. */
  readonly standalone: string | null
  readonly engine: Engine
  readonly stores: Stores
  readonly registry: Registry
  readonly clients: Clients
  readonly users: Users
  readonly requireAdmin: (token: string | undefined) => Promise<AdminPrincipal>
  readonly jobs: JobQueue
  /** Null where the settings name nothing to write to besides the database. */
  readonly outboxes: Outboxes | null
  readonly importModel: ImportAside['run']
  readonly metrics: Metrics
  readonly events: EventBus
  readonly folders: { readonly home: string; readonly temporary: string; readonly data: string }
  readonly readiness: () => Readiness
  /** Most time a client may take to send a request; default 60,000. */
  readonly requestTimeoutMs?: number
}
