// The routes of the old product API: predict and retrain, for clients with a token. `/auth/token`, `/docs` and `/redoc`
// belong to the app.
import type { FastifyInstance } from 'fastify'
import { startTraining } from '../../commands/start-training.ts'
import { presentFastApiError } from '../../http/fastapi-error.ts'
import type { Contract, PresentedError, ServiceKit } from '../../http/kit.ts'
import type { ProductInput } from './decode.ts'
import type { ProductAnswer } from './index.ts'
import {
  CATEGORY_SCHEMA,
  DETAIL_SCHEMA,
  NAME_SCHEMA,
  STARTED_SCHEMA,
  TRAINING_SCHEMA,
} from './schema.ts'

type Kit = ServiceKit<ProductInput, ProductAnswer>

interface TrainingBody {
  readonly new_data_path: string
  readonly replace?: boolean
  readonly seed?: number
  readonly name_column?: string
  readonly category_column?: string
}

export const productContract: Contract<ProductInput, ProductAnswer> = async (app, kit) => {
  kit.presentErrors(app, present)
  predictRoute(app, kit)
  trainingRoute(app, kit)
}

/** A path that leads nowhere, or out of the data folder, is a bad value in the body: 422 as all others. */
function present(error: PresentedError): { status: number; body: unknown } {
  const { status, body } = presentFastApiError(error)
  return { status: error.code?.startsWith('path.') ? 422 : status, body }
}

function predictRoute(app: FastifyInstance, kit: Kit): void {
  const schema = {
    summary: 'The category of a product name',
    security: [{ client: [] }],
    body: NAME_SCHEMA,
    response: { 200: CATEGORY_SCHEMA, '4xx': DETAIL_SCHEMA, '5xx': DETAIL_SCHEMA },
  }
  app.post<{ Body: ProductInput }>(
    '/predict',
    { schema, preValidation: requireScope(kit, 'predict') },
    async (request, reply) => {
      const { product_name } = request.body
      const { clientId } = await kit.requireClient(request, 'predict')
      const options = { reference: product_name, client: clientId }
      const { answer, version } = await kit.predict(request, reply, { product_name }, options)
      const { predicted_category, prediction_score, top_predictions } = answer
      return { predicted_category, prediction_score, model_version: version, top_predictions }
    },
  )
}

function trainingRoute(app: FastifyInstance, kit: Kit): void {
  const schema = {
    summary: 'Retrain on new rows in the background',
    security: [{ client: [] }],
    body: TRAINING_SCHEMA,
    response: { 200: STARTED_SCHEMA, '4xx': DETAIL_SCHEMA, '5xx': DETAIL_SCHEMA },
  }
  app.post<{ Body: TrainingBody }>(
    '/training',
    { schema, preValidation: requireScope(kit, 'train') },
    async (request) => {
      const { new_data_path: path, ...options } = request.body
      const parts = { jobs: kit.jobs, dataRoot: kit.folders.data, trainable: true }
      const job = await startTraining(parts, kit.definition.name, { ...options, data: path })
      return {
        message: 'Training job started successfully.',
        new_model_version: job.version,
        data_path: path,
        job_id: job.id,
      }
    },
  )
}

/** Before the body is judged: who has no token learns nothing of it. */
function requireScope(
  kit: Kit,
  scope: 'predict' | 'train',
): (request: Parameters<Kit['requireClient']>[0]) => Promise<void> {
  return async (request) => {
    await kit.requireClient(request, scope)
  }
}
