// Raw tensors through a service's model, recorded in the history like any prediction.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Tensors } from '../tensor/tensor.ts'
import type { AppParts } from './app-parts.ts'
import { clientSignal } from './client-signal.ts'
import { fromTensor } from './open-inference.ts'

/** Outputs with more elements than this stand in the history by shape only. */
const MAX_RECORDED_ELEMENTS = 256

export async function inferTensors(
  parts: AppParts,
  service: string,
  feeds: Tensors,
  { reply, client }: { request: FastifyRequest; reply: FastifyReply; client: string | null },
): Promise<{ readonly outputs: Tensors; readonly version: string }> {
  const began = performance.now()
  const timestamp = parts.clock.now()
  const { outputs, manifest } = await parts.engine.infer(service, feeds, {
    signal: clientSignal(reply),
  })
  const answer = {
    outputs: Object.entries(outputs).map(([name, tensor]) => {
      const { data, ...described } = fromTensor(name, tensor)
      return data.length > MAX_RECORDED_ELEMENTS ? described : { ...described, data }
    }),
  }
  const id = await parts.stores.history.append({
    service,
    version: manifest.version,
    timestamp,
    input: 'tensors',
    answer,
    label: null,
    confidence: null,
    durationMs: performance.now() - began,
    client,
    userId: null,
  })
  reply.header('x-duga-prediction', id).header('x-duga-version', manifest.version)
  parts.metrics.predictions.inc({ service, version: manifest.version })
  return { outputs, version: manifest.version }
}
