// `duga serve [service]`: the server, until a signal ends it.
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { Command } from 'commander'
import { readEnvironment } from '../config.ts'
import { type CliContext, type CommonOptions, configFor, serviceNamed } from './context.ts'
import { createOutput } from './output.ts'

interface Options extends CommonOptions {
  readonly port?: string
  readonly host?: string
}

export function serveCommand(context: CliContext): Command {
  return new Command('serve')
    .argument('[service]', 'one contract alone, at the root of its original port')
    .option('--port <port>', 'PORT, default 8000, or that of the service')
    .option('--host <address>', 'HOST, default 127.0.0.1')
    .description('serves all services, or one')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga serve\n  npx duga serve dog\n  npx duga serve face --port 8080 --host 0.0.0.0',
    )
    .action((service, options) => serve(context, service, options))
}

async function serve(
  context: CliContext,
  service: string | undefined,
  options: Options,
): Promise<void> {
  const began = performance.now()
  const settings = configFor(options)
  const services = context.services(settings)
  const module = service === undefined ? null : serviceNamed(services, service)
  // A contract alone stands where its clients look for it, unless another port was asked for.
  const asked = options.port ?? readEnvironment().PORT
  const config = asked || module === null ? settings : { ...settings, port: module.definition.port }
  const { createServerEngine } = await import('./server-engine.ts')
  const started = createServerEngine(config, module === null ? services : [module])
  const { startServer } = await import('./server.ts')
  const server = await startServer({
    config,
    services,
    version: context.version,
    standalone: module?.definition.name ?? null,
    started,
  })
  const output = createOutput(options.json === true)
  const seconds = (performance.now() - began) / 1000
  output.result(
    { url: server.url, pid: process.pid, home: config.home },
    `Duga ${context.version} serves ${service ?? 'all services'} on ${server.url} after ${seconds.toFixed(2)} s.\n` +
      `API: ${server.url}/docs   health: ${server.url}/health/ready   stop: Ctrl-C`,
  )
  // Now, because a server may never come to an orderly end.
  flushCompileCache()
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  output.note('Stopping: answering what is under way.')
  await server.close()
}
