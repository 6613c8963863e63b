// At the start of a server: the models of users' own that are new since the last one, imported one after another while all
// services answer. A service is ready once its own is done with.
import { join } from 'node:path'
import { type FoundFile, findDropIn } from '../commands/find-drop-in.ts'
import type { ImportAside } from '../commands/import-aside.ts'
import { type DropInParts, isDropInNew, serveDropIn } from '../commands/serve-drop-in.ts'
import type { Readiness } from '../http/routes/health.ts'
import type { ServiceModule } from '../http/service-module.ts'
import type { Core } from './core.ts'
import { NO_MODEL, toReadiness } from './serve-versions.ts'

export interface DropIns {
  /** Begins to import; resolves when all are done with. Call it once. */
  start(): Promise<void>
  /** What there is to say of readiness besides the versions that serve. */
  readiness(versions: Readiness): Readiness
}

export interface DropInsOptions {
  readonly core: Core
  readonly imports: ImportAside
  readonly log: {
    info(details: object, message: string): void
    error(details: object, message: string): void
  }
  readonly modules: readonly ServiceModule[]
}

const IMPORTING = 'its model is being imported'

interface Waiting {
  readonly service: string
  readonly files: readonly FoundFile[]
}

/** Looks for files; none is read yet. */
export async function findDropIns(options: DropInsOptions): Promise<DropIns> {
  const { core, log } = options
  const importing = new Set<string>()
  const failures = new Map<string, string>()
  const fail = (service: string, error: unknown): void => {
    const { message, help } = error as Error & { help?: string }
    failures.set(service, message)
    log.error({ err: error, service, help }, 'a model of your own does not serve')
  }
  const waiting: Waiting[] = []
  for (const { definition, dropIn = [] } of options.modules) {
    const { name: service } = definition
    try {
      const files = await findDropIn(service, dropIn, join(core.home.models, service))
      if (files === null || !(await isDropInNew(core.stores.settings, service, files))) continue
      waiting.push({ service, files })
      importing.add(service)
    } catch (error) {
      fail(service, error)
    }
  }
  const serve = async ({ service, files }: Waiting): Promise<void> => {
    try {
      const served = await serveDropIn(partsOf(options), service, files)
      if (served !== null) {
        const { version, imported } = served
        const { sources: from = [], warnings = [] } = imported ?? {}
        log.info({ service, version, from, warnings }, 'a model of your own serves')
      }
    } catch (error) {
      fail(service, error)
    } finally {
      importing.delete(service)
    }
  }
  return {
    start: async () => {
      for (const one of waiting) await serve(one)
    },
    readiness: ({ services }) => {
      const states = Object.entries(services).map(([service, state]) => {
        if (importing.has(service)) return [service, IMPORTING]
        const failure = failures.get(service)
        return [service, state === NO_MODEL && failure !== undefined ? failure : state]
      })
      return toReadiness(Object.fromEntries(states))
    },
  }
}

function partsOf({ core, imports }: DropInsOptions): DropInParts {
  return { settings: core.stores.settings, registry: core.registry, imports }
}
