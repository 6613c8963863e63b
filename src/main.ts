// The one process entry: hands the service table to the command line, which composes the rest.
import { runCli } from './cli/program.ts'
import { createServices } from './services/index.ts'

process.exitCode = await runCli(process.argv.slice(2), createServices)
