// `/manage/jobs` and the start of a training.
import type { FastifyInstance } from 'fastify'
import { presentJob } from '../../../commands/present.ts'
import { startTraining } from '../../../commands/start-training.ts'
import { DugaError } from '../../../errors.ts'
import type { Job } from '../../../jobs/queue.ts'
import { hasReport } from '../../../jobs/write-job-report.ts'
import type { Json } from '../../../json.ts'
import { TRAIN_OPTIONS } from '../../../train/options.ts'
import type { AppParts } from '../../app-parts.ts'
import { contentSchema } from '../../plugins/openapi.ts'
import { openEventStream } from '../../server-sent-events.ts'
import type { ServiceModule } from '../../service-module.ts'
import { findModule } from './find-module.ts'
import { pageOf, pageQuery } from './pages.ts'

const jobSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    service: { type: 'string' },
    status: {
      type: 'string',
      enum: ['queued', 'running', 'succeeded', 'rejected', 'failed', 'cancelled'],
    },
    progress: {
      type: 'object',
      properties: { fraction: { type: 'number' }, message: { type: 'string' } },
    },
    error: { type: ['string', 'null'] },
    version: { type: ['string', 'null'] },
    created: { type: 'string' },
    started: { type: ['string', 'null'] },
    finished: { type: ['string', 'null'] },
    report: { type: ['string', 'null'], description: 'Where its report is, once there is one.' },
  },
}

const trainingBody = {
  type: 'object',
  required: ['data'],
  properties: {
    data: { type: 'string', minLength: 1, maxLength: 4096, description: 'Path inside DUGA_DATA.' },
    ...TRAIN_OPTIONS,
  },
}

export function jobRoutes(
  app: FastifyInstance,
  parts: AppParts,
  modules: readonly ServiceModule[],
): void {
  const { jobs } = parts
  const find = async (params: unknown): Promise<Job> => {
    const { id } = params as { readonly id: string }
    const job = await jobs.get(id)
    if (!job) throw new DugaError('request.not-found', { what: `job "${id}"` })
    return job
  }
  app.post(
    '/services/:service/training',
    { schema: { summary: 'Starts a training', body: trainingBody, response: { 202: jobSchema } } },
    async (request, reply) => {
      const { definition, trainer, trainOptions = [] } = findModule(modules, request)
      const parameters = request.body as { data: string } & Record<string, Json>
      const job = await startTraining(
        {
          ...{ jobs, dataRoot: parts.folders.data, options: trainOptions },
          trainable: trainer !== undefined,
        },
        definition.name,
        parameters,
      )
      return reply.code(202).send(withReport(job))
    },
  )
  app.get(
    '/jobs',
    {
      schema: {
        summary: 'Training jobs, newest first',
        querystring: {
          type: 'object',
          properties: { ...pageQuery, service: { type: 'string', maxLength: 64 } },
        },
        response: { 200: pageOf(jobSchema) },
      },
    },
    async (request) => {
      const query = request.query as { limit: number; cursor?: string; service?: string }
      const page = await jobs.list(query)
      return { items: page.items.map(withReport), next: page.next }
    },
  )
  app.get(
    '/jobs/:id',
    { schema: { summary: 'One job', response: { 200: jobSchema } } },
    async (request) => withReport(await find(request.params)),
  )
  app.delete(
    '/jobs/:id',
    { schema: { summary: 'Cancels a job', response: { 200: jobSchema } } },
    async (request) => {
      const { id } = await find(request.params)
      return withReport((await jobs.cancel(id))!)
    },
  )
  app.post(
    '/jobs/:id/resume',
    {
      schema: {
        summary: 'Goes on with a job that failed or was cancelled, from its last checkpoint',
        response: { 202: jobSchema },
      },
    },
    async (request, reply) => {
      const { id } = await find(request.params)
      return reply.code(202).send(withReport((await jobs.resume(id))!))
    },
  )
  app.get(
    '/jobs/:id/events',
    {
      schema: {
        summary: 'Progress, as server-sent events',
        response: { 200: contentSchema('text/event-stream', 'Events until either side ends.') },
      },
    },
    async (request, reply) => {
      const job = await find(request.params)
      followJob(parts, job, (stop) => openEventStream(request, reply, stop))
      return reply
    },
  )
}

function withReport(job: Job): Record<string, unknown> {
  return { ...presentJob(job), report: hasReport(job) ? `/manage/jobs/${job.id}/report` : null }
}

const FOLLOW_MS = 500

/** The job runs in another process: its row is read until it has ended. */
function followJob(
  { jobs, log }: AppParts,
  first: Job,
  open: (stop: () => void) => ReturnType<typeof openEventStream>,
): void {
  let timer: NodeJS.Timeout | undefined
  const stream = open(() => clearTimeout(timer))
  let shown = ''
  const show = (job: Job): void => {
    const text = JSON.stringify(withReport(job))
    if (text !== shown) stream.send({ event: 'job', data: withReport(job) })
    shown = text
    if (job.finished !== null) stream.end()
    else timer = setTimeout(() => void next().catch(fail), FOLLOW_MS)
  }
  const next = async (): Promise<void> => show((await jobs.get(first.id)) ?? first)
  const fail = (error: unknown): void => {
    ;(log as { error(error: unknown): void }).error(error)
    stream.end()
  }
  show(first)
}
