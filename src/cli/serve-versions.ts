// Keeps the engine on the active version of every service, and knows which service is ready.
import type { Engine } from '../engine/engine.ts'
import type { Metrics } from '../http/metrics.ts'
import type { Readiness } from '../http/routes/health.ts'
import type { ServiceModule } from '../http/service-module.ts'
import type { VersionFiles } from '../manifest.ts'
import { type Core, filesOf } from './core.ts'

export interface ServedVersions {
  /** Resolves when every service has loaded its version, or has failed to. */
  readonly loaded: Promise<void>
  readonly readiness: () => Readiness
  /** Looks for promotions by other processes. */
  refresh(): void
}

export interface ServeVersionsOptions {
  readonly core: Core
  readonly engine: Engine
  readonly metrics: Metrics
  readonly log: { error(details: object, message: string): void }
  readonly modules: readonly ServiceModule[]
}

export const NO_MODEL = 'no model'

/**
 * Loads what is active and follows every later change. A version that cannot be loaded leaves its service not ready
 * (or on the version that it had), and the others go on. Resolves when the lanes have been told what to load.
 */
export async function serveVersions(options: ServeVersionsOptions): Promise<ServedVersions> {
  const { core, log, modules } = options
  const failures = new Map<string, string>()
  const follow = async (module: ServiceModule, begun: Promise<Begun>): Promise<void> => {
    const { name } = module.definition
    try {
      await (await begun).finished
      failures.delete(name)
    } catch (error) {
      failures.set(name, error instanceof Error ? error.message : String(error))
      throw error
    }
  }
  const load = (module: ServiceModule) => follow(module, beginLoading(options, module))
  const report = (error: unknown): void => log.error({ err: error }, 'a version was not loaded')
  const begun = modules.map((module) => beginLoading(options, module))
  const loading = modules.map((module, i) => follow(module, begun[i]!).catch(report))
  await Promise.allSettled(begun)
  const stateOf = ({ definition: { name } }: ServiceModule): string =>
    failures.get(name) ?? (options.engine.active(name) === null ? NO_MODEL : 'ready')
  return {
    loaded: Promise.all(loading).then(() => {
      for (const module of modules) core.registry.watch(module.definition.name, () => load(module))
    }),
    readiness: () => {
      const states = modules.map((module) => [module.definition.name, stateOf(module)])
      return toReadiness(Object.fromEntries(states))
    },
    refresh: () => void core.registry.refresh().catch(report),
  }
}

/** @param services the state of each: `ready`, {@link NO_MODEL}, or why it is not ready */
export function toReadiness(services: Readiness['services']): Readiness {
  const ready = Object.values(services).every((state) => state === 'ready' || state === NO_MODEL)
  return { ready, services }
}

interface Begun {
  readonly finished: Promise<void>
}

async function beginLoading(
  options: ServeVersionsOptions,
  { definition }: ServiceModule,
): Promise<Begun> {
  const { registry } = options.core
  const active = await registry.activeVersion(definition.name)
  if (active === null) return { finished: Promise.resolve() }
  return { finished: finishLoading(options, definition, await filesOf(registry, active)) }
}

async function finishLoading(
  { engine, metrics }: ServeVersionsOptions,
  definition: ServiceModule['definition'],
  files: VersionFiles,
): Promise<void> {
  const { name } = definition
  const before = engine.active(name)?.version
  await engine.load(definition, files)
  if (before !== undefined) metrics.version.remove({ service: name, version: before })
  metrics.version.set({ service: name, version: files.manifest.version }, 1)
}
