// The vibration routes alone over real parts: engine, database file, validation. What the HTTP layer adds around them
// (hooks, documentation, other services) is left out.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Ajv from 'ajv'
import Fastify, { type FastifyInstance } from 'fastify'
import pino from 'pino'
import { openOutboxes } from '../../src/cli/open-outboxes.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { predict } from '../../src/commands/predict.ts'
import { loadConfig } from '../../src/config.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { MessageOutcome, ServiceKit } from '../../src/http/kit.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { prepareErrorReply, presentError } from '../../src/http/present-error.ts'
import type { ManifestFile, VersionFiles } from '../../src/manifest.ts'
import type { VibrationAnswer } from '../../src/services/vibration/answer.ts'
import { vibrationContract } from '../../src/services/vibration/contract.ts'
import { vibration } from '../../src/services/vibration/index.ts'
import type { VibrationInput } from '../../src/services/vibration/input.ts'
import type { Outboxes } from '../../src/store/outbox/outboxes.ts'
import { openStores, type Stores } from '../../src/store/stores.ts'
import type { Candidate } from '../../src/train/task.ts'

export interface VibrationAppOptions {
  readonly clock?: Clock
  /** Settings. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface VibrationApp {
  readonly app: FastifyInstance
  readonly engine: Engine
  readonly stores: Stores
  /** Null where the settings name nothing to write to besides the database. */
  readonly outboxes: Outboxes | null
  /** Messages of the stream by outcome. */
  readonly messages: Readonly<Record<MessageOutcome, number>>
  /** The newest hundred events. */
  readonly published: { readonly event: string; readonly data: unknown }[]
  /** Makes a candidate the active version. */
  load(candidate: Candidate, version?: string): Promise<void>
  close(): Promise<void>
}

/** @param home a folder; the database in it is opened or made */
export async function createVibrationApp(
  home: string,
  { clock = systemClock, environment = {} }: VibrationAppOptions = {},
): Promise<VibrationApp> {
  const stores = await openStores({ kind: 'sqlite', file: join(home, 'duga.db') }, clock)
  const engine = createEngine({ lanes: 1, threads: 1, clock })
  const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } })
  const ajv = new Ajv.Ajv({ allErrors: false, strict: true, allowUnionTypes: true })
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema as object))
  const config = loadConfig({ ...environment, DUGA_HOME: home })
  const log = pino({ level: 'silent' })
  const outboxes = await openOutboxes(config, { metrics: createMetrics(), log })
  const messages = { taken: 0, duplicate: 0, malformed: 0, failed: 0 }
  const published: { event: string; data: unknown }[] = []
  const kit: Partial<ServiceKit<VibrationInput, VibrationAnswer>> = {
    definition: vibration,
    config,
    outboxes,
    folders: { home, temporary: home, data: home },
    countMessage: (outcome) => {
      messages[outcome] += 1
    },
    answer: (input, { reference, finish }) =>
      predict<VibrationInput, VibrationAnswer>(
        { engine, history: stores.history, clock },
        vibration,
        { input, reference, client: null, userId: null, ...(finish && { finish }) },
      ),
    clock,
    log: app.log,
    mount: '',
    stores,
    activeManifest: () => engine.active('vibration'),
    predict: async (_request, reply, input, { reference, finish }) => {
      const predicted = await predict<VibrationInput, VibrationAnswer>(
        { engine, history: stores.history, clock },
        vibration,
        { input, reference, client: null, userId: null, ...(finish && { finish }) },
      )
      reply.header('x-duga-prediction', predicted.id).header('x-duga-version', predicted.version)
      return predicted
    },
    presentErrors: (scope, present) => {
      scope.setErrorHandler((error, request, reply) => {
        const presented = presentError(error)
        prepareErrorReply(error, presented, request, reply)
        const { status, body } = present(presented, request)
        return reply.code(status).send(body)
      })
    },
    publish: (event, data) => {
      published.push({ event, data })
      if (published.length > 100) published.shift()
    },
  }
  await vibrationContract(app, kit as ServiceKit<VibrationInput, VibrationAnswer>)
  await app.ready()
  return {
    app,
    engine,
    stores,
    outboxes,
    messages,
    published,
    load: async (candidate, version = 'v1.0.0') => {
      await engine.load(vibration, await writeCandidate(join(home, version), candidate, version))
    },
    close: async () => {
      await app.close()
      await outboxes?.close()
      await engine.close()
      await stores.close()
    },
  }
}

async function writeCandidate(
  folder: string,
  { manifest, files }: Candidate,
  version: string,
): Promise<VersionFiles> {
  await mkdir(folder, { recursive: true })
  const paths: Record<string, string> = {}
  const described: Record<string, ManifestFile> = {}
  for (const [role, { name, content }] of Object.entries(files)) {
    paths[role] = join(folder, name)
    await writeFile(paths[role], content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    described[role] = { name, sha256, bytes: content.length }
  }
  return {
    manifest: {
      ...manifest,
      format: 1,
      service: 'vibration',
      version,
      created: '2026-01-01T00:00:00.000Z',
      parent: null,
      files: described,
    },
    paths,
  }
}
