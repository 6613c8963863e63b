// The routes of the old face anti-spoofing API, answered as it answered them. What they leave open is made safe:
// sizes are bounded, addresses and paths are confined.
import { stat } from 'node:fs/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { confinePath } from '../../commands/confine-path.ts'
import type { FileInput } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import { clientSignal } from '../../http/client-signal.ts'
import type { Contract, PresentedError, ServiceKit } from '../../http/kit.ts'
import { documentErrors } from '../../http/plugins/complete-document.ts'
import { documentedSchema, multipartSchema } from '../../http/plugins/openapi.ts'
import { safeFetch } from '../../http/safe-fetch.ts'
import type { FaceAnswer } from './answer.ts'
import { finetuneRoute } from './finetune.ts'
import { bodyOf, ERROR_SCHEMA, textOf } from './requests.ts'

type Kit = ServiceKit<FileInput, FaceAnswer>

/** Of an upload, a fetched picture and a picture in the upload folder. */
export const MAX_PICTURE_BYTES = 16 * 1024 * 1024

export const ANSWER_SCHEMA = {
  type: 'object',
  properties: {
    prediction: { type: 'string', enum: ['real', 'fake'] },
    confidence: { type: 'number', description: 'Probability of the class named.' },
    prob_real: { type: 'number' },
    prob_fake: { type: 'number' },
    threshold_used: { type: 'number' },
    face_found: { type: 'boolean', description: 'false: the whole picture was judged.' },
  },
  required: ['prediction', 'confidence', 'prob_real', 'prob_fake', 'threshold_used'],
} as const

const RUNNING_SCHEMA = {
  tags: ['face'],
  summary: 'Whether the service runs',
  response: {
    200: {
      type: 'object',
      properties: { message: { type: 'string' }, status: { type: 'string' } },
    },
  },
} as const

const RESPONSES = { 200: ANSWER_SCHEMA, '4xx': ERROR_SCHEMA, '5xx': ERROR_SCHEMA }

/** Reads a fetched picture; tests put one here that may reach their own server. */
export type FetchPicture = (
  url: string,
  options: { readonly maxBytes: number; readonly accept: string; readonly signal: AbortSignal },
) => Promise<{ readonly bytes: Uint8Array }>

/** @param fetchPicture default: {@link safeFetch} by its own rules */
export function createFaceContract(
  fetchPicture: FetchPicture = safeFetch,
): Contract<FileInput, FaceAnswer> {
  return async (app, kit) => {
    kit.presentErrors(app, present)
    documentErrors(app, ERROR_SCHEMA)
    app.get('/', { schema: RUNNING_SCHEMA }, () => ({
      message: 'Face Anti-Spoofing Microservice - Absensi Online',
      status: 'running',
    }))
    inferenceRoute(app, kit)
    inferenceUrlRoute(app, kit, fetchPicture)
    uploadsRoute(app, kit)
    finetuneRoute(app, kit)
  }
}

function inferenceRoute(app: FastifyInstance, kit: Kit): void {
  const schema = {
    tags: ['face'],
    summary: 'Judge an uploaded picture',
    ...multipartSchema('image', 'JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF, at most 16 MiB.'),
    response: RESPONSES,
  }
  app.post('/api/v1/inference', { schema }, async (request, reply) => {
    const file = await kit.receiveInput(request, { field: 'image', maxBytes: MAX_PICTURE_BYTES })
    // A form whose file was not chosen sends an empty file without a name.
    if (file === null || (file.filename === '' && file.bytes === 0)) {
      return refuse(reply, 'No image file provided')
    }
    return predict(kit, request, reply, file.input, file.filename)
  })
}

function inferenceUrlRoute(app: FastifyInstance, kit: Kit, fetchPicture: FetchPicture): void {
  const schema = {
    tags: ['face'],
    summary: 'Judge a picture of the public internet',
    body: documentedSchema({
      type: 'object',
      properties: { url: { type: 'string', format: 'uri' } },
      required: ['url'],
    }),
    response: RESPONSES,
  }
  app.post('/api/v1/inference-url', { schema }, async (request, reply) => {
    const url = textOf(bodyOf(request).url)
    if (url === '') return refuse(reply, 'No URL provided')
    const { bytes } = await fetchPicture(url, {
      maxBytes: MAX_PICTURE_BYTES,
      accept: 'image/*',
      signal: clientSignal(reply),
    })
    // The query is left out of the history: it is where links carry their secrets.
    return predict(kit, request, reply, bytes, url.split(/[?#]/, 1)[0]!)
  })
}

function uploadsRoute(app: FastifyInstance, kit: Kit): void {
  const schema = {
    tags: ['face'],
    summary: "Judge a picture of the server's upload folder",
    body: documentedSchema({
      type: 'object',
      properties: { filename: { type: 'string' } },
      required: ['filename'],
    }),
    response: RESPONSES,
  }
  app.post('/api/v1/uploads', { schema }, async (request, reply) => {
    const filename = textOf(bodyOf(request).filename)
    if (filename === '') return refuse(reply, 'No filename provided')
    const path = await confinePath(kit.config.faceUploads, filename)
    const found = await stat(path)
    if (!found.isFile()) throw new DugaError('path.missing')
    if (found.size > MAX_PICTURE_BYTES) {
      throw new DugaError('input.too-large', { limit: MAX_PICTURE_BYTES })
    }
    return predict(kit, request, reply, { path }, filename)
  })
}

async function predict(
  kit: Kit,
  request: FastifyRequest,
  reply: FastifyReply,
  input: FileInput,
  reference: string,
): Promise<FaceAnswer> {
  const { answer } = await kit.predict(request, reply, input, { reference })
  return answer
}

function refuse(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(400).send({ error })
}

/** The old API's error body. A path that leads outside looks like one that is not there. */
function present({ status, code, message }: PresentedError): { status: number; body: unknown } {
  if (code === 'image.unreadable') return { status: 400, body: { error: 'Invalid image file' } }
  if (code === 'path.missing' || code === 'path.outside') {
    return { status: 404, body: { error: 'File not found' } }
  }
  // Where this API finds fault with a field it says 400.
  return { status: status === 422 ? 400 : status, body: { error: message } }
}
