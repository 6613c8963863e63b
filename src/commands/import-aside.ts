// Imports in a process of their own, one after another: reading a hostile or huge file can take no more with it than that
// process, and the server goes on answering. The process itself is cli/run-import.ts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { DugaError, type ErrorCode } from '../errors.ts'
import type { ModelFile } from '../importers/importer.ts'
import type { ImportedVersion, ImportVersion } from './import-version.ts'

export interface ImportRequest {
  readonly service: string
  readonly files: readonly ModelFile[]
  readonly options: ImportVersion
}

/** What the process says when it is done. */
export type ImportAnswer =
  | { readonly imported: ImportedVersion }
  | { readonly refused: { readonly code: ErrorCode; readonly parameters: DugaError['parameters'] } }
  | { readonly failed: string }

export interface ImportAside {
  /**
   * @param signal ends the process
   * @throws DugaError as importVersion; model.unreadable where reading the files ends or stalls the process
   */
  run(request: ImportRequest, signal?: AbortSignal): Promise<ImportedVersion>
  /** Ends what runs and refuses the rest. */
  close(): Promise<void>
}

export interface ImportAsideOptions {
  /** Program and arguments of the process. */
  readonly command: readonly string[]
  /** Folder for what it leaves on disk meanwhile. */
  readonly temporary: string
  /** Longest time of one import. */
  readonly limitMs?: number
}

const LIMIT_MS = 600_000

export function createImportAside(options: ImportAsideOptions): ImportAside {
  const closing = new AbortController()
  let last: Promise<unknown> = Promise.resolve()
  return {
    run: (request, signal) => {
      const ending = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])])
      // One at a time: each may need as much memory as its files are large, several times over.
      const next = last.then(() => importOnce(options, request, ending))
      last = next.catch(() => {})
      return next
    },
    close: async () => {
      closing.abort(new DugaError('server.closing'))
      await last
    },
  }
}

async function importOnce(
  { command, temporary, limitMs = LIMIT_MS }: ImportAsideOptions,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<ImportedVersion> {
  if (signal.aborted) throw whyEnded(signal)
  const folder = await mkdtemp(join(temporary, 'import-'))
  try {
    const limit = AbortSignal.timeout(limitMs)
    const ending = AbortSignal.any([signal, limit])
    const { answer, how } = await ask({ command, folder }, request, ending)
    if (signal.aborted) throw whyEnded(signal)
    if (limit.aborted) throw ended(`reading it took more than ${limitMs / 60_000} minutes`)
    if (answer === null) throw ended(`reading it ended the process that did (${how})`)
    if ('imported' in answer) return answer.imported
    if ('refused' in answer) throw new DugaError(answer.refused.code, answer.refused.parameters)
    throw new Error(`The import failed: ${answer.failed}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns null where the process ended without an answer, and with which code or signal */
async function ask(
  { command, folder }: { readonly command: readonly string[]; readonly folder: string },
  request: ImportRequest,
  ending: AbortSignal,
): Promise<{ readonly answer: ImportAnswer | null; readonly how: string }> {
  const [program, ...args] = command
  const child = spawn(program!, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // What it leaves when it is ended is removed with the folder.
    env: { ...process.env, TMPDIR: folder },
  })
  const over = Promise.all([once(child, 'exit'), once(child, 'disconnect')])
  let answer: ImportAnswer | null = null
  child.on('message', (message) => {
    answer = message as ImportAnswer
  })
  const stop = (): void => void child.kill('SIGKILL')
  ending.addEventListener('abort', stop)
  // It may have been so before anybody listened.
  if (ending.aborted) stop()
  try {
    if (child.pid !== undefined) {
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
      child.send(request, () => {})
    }
    const [[code, killed]] = await over
    return { answer, how: String(killed ?? code) }
  } finally {
    ending.removeEventListener('abort', stop)
  }
}

const whyEnded = ({ reason }: AbortSignal): DugaError =>
  reason instanceof DugaError ? reason : new DugaError('cancelled')

const ended = (reason: string): DugaError => new DugaError('model.unreadable', { reason })
