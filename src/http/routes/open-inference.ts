// The JSON form of the Open Inference Protocol v2 (KServe, Triton): health, metadata, infer with tensors.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DugaError } from '../../errors.ts'
import type { Manifest } from '../../manifest.ts'
import type { AppParts } from '../app-parts.ts'
import { inferTensors } from '../infer-tensors.ts'
import { fromTensor, type InferTensor, toMetadata, toTensor } from '../open-inference.ts'
import { documentErrors } from '../plugins/complete-document.ts'
import { prepareErrorReply, presentError, refuseUnknown } from '../present-error.ts'
import { requireClient } from '../require-client.ts'
import type { ServiceModule } from '../service-module.ts'
import {
  ERROR_SCHEMA,
  inferSchema,
  liveSchema,
  modelReadySchema,
  modelSchema,
  serverReadySchema,
  serverSchema,
} from './open-inference-schema.ts'

const BODY_BYTES = 64 * 1024 * 1024

interface InferBody {
  readonly id?: string
  readonly inputs: readonly InferTensor[]
  readonly outputs?: readonly { readonly name: string }[]
}

interface Parameters {
  readonly name: string
  readonly version?: string
}

export async function openInferenceRoutes(
  app: FastifyInstance,
  parts: AppParts,
  modules: readonly ServiceModule[],
): Promise<void> {
  app.setErrorHandler((error, request, reply) => {
    const presented = presentError(error)
    prepareErrorReply(error, presented, request, reply)
    return reply.send({ error: presented.message })
  })
  documentErrors(app, ERROR_SCHEMA)
  app.setNotFoundHandler(refuseUnknown)
  app.get('/', { schema: serverSchema }, () => ({
    name: 'duga',
    version: parts.version,
    extensions: [],
  }))
  app.get('/health/live', { schema: liveSchema }, () => ({ live: true }))
  app.get('/health/ready', { schema: serverReadySchema }, (_request, reply) => {
    const { ready } = parts.readiness()
    reply.code(ready ? 200 : 503)
    return { ready }
  })

  const find = (request: FastifyRequest): { module: ServiceModule; manifest: Manifest } => {
    const { name, version } = request.params as Parameters
    const module = modules.find(({ definition }) => definition.name === name)
    if (!module) throw new DugaError('request.not-found', { what: `model "${name}"` })
    const manifest = parts.engine.active(name)
    if (!manifest) throw new DugaError('model.missing', { service: name })
    if (version !== undefined && version !== manifest.version) {
      throw new DugaError('request.not-found', { what: `loaded version "${version}" of "${name}"` })
    }
    return { module, manifest }
  }

  const guarded = modules.some(({ access }) => access === 'client')
  const inferring = { ...inferSchema, ...(guarded && { security: [{ client: ['predict'] }] }) }
  for (const path of ['/models/:name', '/models/:name/versions/:version']) {
    app.get(path, { schema: modelSchema }, (request) => metadata(find(request).manifest))
    app.get(`${path}/ready`, { schema: modelReadySchema }, (request) => {
      const { manifest } = find(request)
      return { name: manifest.service, ready: true }
    })
    app.post(`${path}/infer`, { schema: inferring, bodyLimit: BODY_BYTES }, (request, reply) => {
      const { module, manifest } = find(request)
      return infer(parts, module, manifest, request, reply)
    })
  }
}

function metadata(manifest: Manifest): unknown {
  return {
    name: manifest.service,
    versions: [manifest.version],
    platform: 'onnxruntime_onnx',
    inputs: manifest.inputs.map(toMetadata),
    outputs: manifest.outputs.map(toMetadata),
  }
}

async function infer(
  parts: AppParts,
  module: ServiceModule,
  manifest: Manifest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const client = module.access === 'client' ? await requireClient(parts, request, 'predict') : null
  const { id, inputs, outputs } = request.body as InferBody
  const feeds = manifest.inputs.map((spec) => {
    const input = inputs.find(({ name }) => name === spec.name)
    if (!input) {
      throw new DugaError('input.invalid', { reason: `input "${spec.name}" is missing` })
    }
    return [spec.name, toTensor(input, spec)] as const
  })
  const known = new Set(manifest.inputs.map(({ name }) => name))
  const extra = inputs.find(({ name }) => !known.has(name))
  if (extra) throw new DugaError('input.invalid', { reason: `there is no input "${extra.name}"` })
  const result = await inferTensors(parts, manifest.service, Object.fromEntries(feeds), {
    request,
    reply,
    client: client?.clientId ?? null,
  })
  const names = outputs?.map(({ name }) => name) ?? manifest.outputs.map(({ name }) => name)
  return {
    ...(id !== undefined && { id }),
    model_name: manifest.service,
    model_version: result.version,
    outputs: names.map((name) => {
      const tensor = result.outputs[name]
      if (!tensor) throw new DugaError('input.invalid', { reason: `there is no output "${name}"` })
      return fromTensor(name, tensor)
    }),
  }
}
