// `/manage/jobs/{id}/report`: the page of a training job, its plots and its figures, from the files that the job wrote.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DugaError } from '../../../errors.ts'
import { REPORT_POLICY } from '../../../train/report/page/policy.ts'
import { PLOT_NAMES } from '../../../train/report/plots/plot-names.ts'
import type { AppParts } from '../../app-parts.ts'

const PAGE = 'index.html'

/** What a report's folder may hold, by media type. */
const TYPES: ReadonlyMap<string, string> = new Map([
  [PAGE, 'text/html; charset=utf-8'],
  ['report.json', 'application/json; charset=utf-8'],
  ...PLOT_NAMES.map((name) => [`${name}.png`, 'image/png'] as const),
])

const text = { schema: { type: 'string' } }

const pageSchema = {
  summary: 'Report of a training job, as a page',
  response: {
    200: { description: 'A page that needs nothing else.', content: { 'text/html': text } },
  },
}

const fileSchema = {
  summary: 'Figures (`report.json`) or a plot (`curves.png`, `confusion.png`, …) of a report',
  response: {
    200: {
      description:
        'The file. `curves` and `confusion` are always there, other plots where rows allow.',
      content: { 'application/json': { schema: {} }, 'image/png': text },
    },
  },
}

export function reportRoutes(app: FastifyInstance, { jobs, folders }: AppParts): void {
  const send = async (request: FastifyRequest, reply: FastifyReply, file: string) => {
    const { id } = request.params as { readonly id: string }
    const type = TYPES.get(file)
    // The folder's name is the id of a row of ours and the file's stands above: the address names no path.
    const job = await jobs.get(id)
    const content =
      job === null || type === undefined
        ? null
        : await read(join(folders.home, 'reports', job.id, file))
    if (content === null)
      throw new DugaError('request.not-found', { what: `report of job "${id}"` })
    return reply
      .type(type!)
      .header('content-security-policy', `${REPORT_POLICY}; frame-ancestors 'none'`)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'private, no-cache')
      .send(content)
  }
  app.get('/jobs/:id/report', { schema: pageSchema }, (request, reply) =>
    send(request, reply, PAGE),
  )
  app.get('/jobs/:id/report/:file', { schema: fileSchema }, (request, reply) =>
    send(request, reply, (request.params as { readonly file: string }).file),
  )
  // The same without `report/` before them.
  for (const file of [...TYPES.keys()].filter((name) => name !== PAGE)) {
    app.get(`/jobs/:id/${file}`, { schema: { hide: true } }, (request, reply) =>
      send(request, reply, file),
    )
  }
}

async function read(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
