// What a command prints: text for people, or with --json one object on the last line for machines.
import { stdout } from 'node:process'
import { ConfigError } from '../config.ts'
import { DugaError } from '../errors.ts'

/** Misuse of the command line: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export interface Output {
  readonly json: boolean
  /** The result of a command. `text` is shown to people. */
  result(value: unknown, text: string): void
  /** A list: a table for people, `{"items":[…]}` for machines. */
  list(items: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): void
  /** Something on the way; not shown to machines. */
  note(text: string): void
}

export function createOutput(json: boolean): Output {
  // Whoever read this may be gone (a closed terminal, `| head`); a server must go on without them.
  if (stdout.listenerCount('error') === 0) stdout.on('error', ignoreBrokenPipe)
  const line = (text: string): void => {
    stdout.write(`${text}\n`)
  }
  return {
    json,
    result: (value, text) => line(json ? JSON.stringify(value) : text),
    list: (items, columns) => {
      if (json) line(JSON.stringify({ items }))
      else line(items.length === 0 ? 'None.' : toTable(items, columns))
    },
    note: (text) => {
      if (!json) line(text)
    },
  }
}

/** Writes a failure to standard error. @returns the exit code */
export function reportFailure(error: unknown, json: boolean): 1 | 2 {
  const { code, message, help } = describe(error)
  const text = json
    ? JSON.stringify({ error: { code, message, help } })
    : `${message}${help ? `\n${help}` : ''}`
  process.stderr.write(`${text}\n`)
  return error instanceof UsageError ? 2 : 1
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function describe(error: unknown): { code: string; message: string; help: string } {
  if (error instanceof DugaError) {
    return { code: error.code, message: error.message, help: error.help }
  }
  if (error instanceof ConfigError) {
    return {
      code: 'config.invalid',
      message: error.message,
      help: 'Correct it in the environment or in .env.',
    }
  }
  if (error instanceof UsageError) {
    return { code: 'usage', message: error.message, help: 'npx duga --help lists the commands.' }
  }
  const message = error instanceof Error ? error.message : String(error)
  const stack =
    process.env.LOG_LEVEL === 'debug' && error instanceof Error ? error.stack : undefined
  return {
    code: 'internal',
    message: stack ?? message,
    help: 'LOG_LEVEL=debug shows where it happened.',
  }
}

function toTable(
  items: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
): string {
  const cells = [columns, ...items.map((item) => columns.map((column) => toCell(item[column])))]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]!.length)))
  return cells
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toPrecision(4)
  if (Array.isArray(value)) return value.join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
