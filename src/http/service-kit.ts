// Makes the kit that a contract is given; see kit.ts for what each part promises.
import cors from '@fastify/cors'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { type Predicted, predict } from '../commands/predict.ts'
import type { AppParts } from './app-parts.ts'
import { clientSignal } from './client-signal.ts'
import type { PredictOptions, ServiceKit } from './kit.ts'
import { prepareErrorReply, presentError, refuseUnknown } from './present-error.ts'
import { receiveFile, receiveInput } from './receive-file.ts'
import { requireClient } from './require-client.ts'
import type { ServiceModule } from './service-module.ts'

export function createServiceKit<Input, Answer>(
  parts: AppParts,
  { definition }: ServiceModule<Input, Answer>,
  mount: string,
): ServiceKit<Input, Answer> {
  const {
    config,
    clock,
    stores,
    clients,
    users,
    jobs,
    outboxes,
    folders,
    engine,
    events,
    metrics,
  } = parts
  const { name } = definition
  const run = async (
    input: Input | { readonly path: string },
    { reference, client, userId, finish }: PredictOptions<Answer>,
    signal?: AbortSignal,
  ): Promise<Predicted<Answer>> => {
    const predicted = await predict({ engine, history: stores.history, clock }, definition, {
      input,
      reference,
      client: client ?? null,
      userId: userId ?? null,
      ...(signal && { signal }),
      ...(finish && { finish }),
    })
    metrics.predictions.inc({ service: name, version: predicted.version })
    announce(parts, name, predicted)
    return predicted
  }
  return {
    definition,
    config,
    clock,
    log: parts.log as FastifyBaseLogger,
    mount,
    stores,
    clients,
    users,
    jobs,
    outboxes,
    folders,
    hasModel: () => engine.active(name) !== null,
    activeManifest: () => engine.active(name),
    predict: async (_request, reply, input, options) => {
      // What runs in place is done before anybody can go away.
      const signal = definition.execution === 'lane' ? clientSignal(reply) : undefined
      const predicted = await run(input, options, signal)
      reply.header('x-duga-prediction', predicted.id).header('x-duga-version', predicted.version)
      return predicted
    },
    answer: (input, options) => run(input, options),
    countMessage: (outcome) => metrics.messages.inc({ service: name, outcome }),
    receiveFile: async (request, options) => await receiveFile(request, folders.temporary, options),
    receiveInput: (request, options) => receiveInput(request, folders.temporary, options),
    requireClient: (request, scope) => requireClient(parts, request, scope),
    presentErrors: (app, present) => {
      app.setErrorHandler((error, request, reply) => {
        const presented = presentError(error)
        prepareErrorReply(error, presented, request, reply)
        const { status, body } = present(presented, request)
        return reply.code(status).send(body)
      })
      // Routes at the root beside a mounted contract do not speak for all of the root.
      if (app.prefix === mount && (mount !== '' || parts.standalone !== null)) {
        app.setNotFoundHandler(refuseUnknown)
      }
    },
    allowOrigins: (app, origins, options = {}) =>
      allowOrigins(app, config.corsOrigins ?? origins, options),
    publish: (event, data) => events.publish(name, event, data),
  }
}

function announce(parts: AppParts, service: string, predicted: Predicted<unknown>): void {
  if (!parts.events.has(service)) return
  const { id, version, timestamp, answer } = predicted
  parts.events.publish(service, 'prediction', {
    id,
    version,
    timestamp: new Date(timestamp).toISOString(),
    answer,
  })
}

async function allowOrigins(
  app: FastifyInstance,
  origins: readonly string[],
  { credentials = false, headers }: { credentials?: boolean; headers?: readonly string[] },
): Promise<void> {
  await app.register(cors, {
    origin: [...origins],
    credentials,
    ...(headers && { allowedHeaders: [...headers] }),
    exposedHeaders: ['x-duga-prediction', 'x-duga-version', 'retry-after'],
    maxAge: 600,
    // A bare OPTIONS is answered like any other, as the old servers did.
    strictPreflight: false,
  })
}
