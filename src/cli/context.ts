// What every command is given, and the settings as its options change them.
import { type Config, loadConfig, readEnvironment } from '../config.ts'
import type { ServiceModule } from '../http/service-module.ts'
import { UsageError } from './output.ts'

export interface CliContext {
  readonly services: (config: Config) => readonly ServiceModule[]
  readonly version: string
  /** Set by a command that is done but has found something wrong. */
  exitCode: number
}

export interface CommonOptions {
  readonly json?: boolean
  readonly home?: string
}

/** Settings of the environment; options on the command line win. */
export function configFor(
  options: CommonOptions & { readonly port?: string; readonly host?: string },
): Config {
  const environment = { ...readEnvironment() }
  if (options.home !== undefined) environment.DUGA_HOME = options.home
  if (options.port !== undefined) environment.PORT = options.port
  if (options.host !== undefined) environment.HOST = options.host
  return loadConfig(environment)
}

/** @throws UsageError naming the services there are */
export function serviceNamed(services: readonly ServiceModule[], name: string): ServiceModule {
  const module = services.find(({ definition }) => definition.name === name)
  if (module) return module
  const names = services.map(({ definition }) => definition.name).join(', ')
  throw new UsageError(`There is no service "${name}"; there are ${names}.`)
}
