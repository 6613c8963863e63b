// One prediction: the engine's answer, then what the caller does with it, then the history. Nothing is answered
// that is not recorded.
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { ServiceDefinition } from '../engine/service.ts'
import type { Manifest } from '../manifest.ts'
import type { HistoryStore } from '../store/history.ts'
import type { SideRow } from '../store/side-row.ts'

export interface PredictParts {
  readonly engine: Engine
  readonly history: HistoryStore
  readonly clock: Clock
}

export interface PredictRequest<Input, Answer> {
  readonly input: Input | { readonly path: string }
  /** What the history calls the input. */
  readonly reference: string
  readonly client: string | null
  readonly userId: number | null
  readonly signal?: AbortSignal
  readonly finish?: (
    answer: Answer,
    prediction: { readonly id: string; readonly timestamp: number },
  ) => Promise<readonly SideRow[]> | readonly SideRow[]
}

export interface Predicted<Answer> {
  readonly id: string
  readonly version: string
  readonly answer: Answer
  readonly manifest: Manifest
  readonly timestamp: number
  readonly seconds: number
}

/** @throws DugaError model.missing, overloaded, deadline.exceeded, cancelled, lane.lost or decode's own */
export async function predict<Input, Answer>(
  { engine, history, clock }: PredictParts,
  definition: ServiceDefinition<Input, Answer>,
  request: PredictRequest<Input, Answer>,
): Promise<Predicted<Answer>> {
  const began = performance.now()
  const timestamp = clock.now()
  const { answer, manifest } = await engine.predict<Input, Answer>(
    definition.name,
    request.input,
    request.signal === undefined ? {} : { signal: request.signal },
  )
  const id = history.newId(timestamp)
  const side = request.finish === undefined ? [] : await request.finish(answer, { id, timestamp })
  const durationMs = performance.now() - began
  await history.append(
    {
      id,
      service: definition.name,
      version: manifest.version,
      timestamp,
      input: request.reference,
      answer,
      label: definition.label(answer),
      confidence: definition.confidence(answer),
      durationMs,
      client: request.client,
      userId: request.userId,
    },
    side,
  )
  return {
    id,
    version: manifest.version,
    answer,
    manifest,
    timestamp,
    seconds: durationMs / 1000,
  }
}
