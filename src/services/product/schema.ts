// The JSON schemas of the product routes: they validate, and OpenAPI is made from them.
import { MAX_NAME } from './decode.ts'

export const NAME_SCHEMA = {
  type: 'object',
  properties: {
    product_name: {
      type: 'string',
      maxLength: MAX_NAME,
      description: 'As it stands on a receipt or a shelf.',
      examples: ['susu ultra coklat 250ml'],
    },
  },
  required: ['product_name'],
} as const

const score = { type: 'number', minimum: 0, maximum: 1 } as const

export const CATEGORY_SCHEMA = {
  type: 'object',
  properties: {
    predicted_category: { type: 'string' },
    prediction_score: { ...score, description: 'Probability of that category.' },
    model_version: { type: 'string' },
    top_predictions: {
      type: 'array',
      maxItems: 12,
      description: 'Best first.',
      items: {
        type: 'object',
        properties: { category: { type: 'string' }, score },
        required: ['category', 'score'],
      },
    },
  },
  required: ['predicted_category', 'prediction_score', 'model_version', 'top_predictions'],
} as const

export const TRAINING_SCHEMA = {
  type: 'object',
  properties: {
    new_data_path: {
      type: 'string',
      minLength: 1,
      maxLength: 1000,
      description:
        'A CSV or TSV file, an .xlsx workbook or a folder of them inside the data folder, which a leading `data/` names.',
      examples: ['data/new_training_data.csv'],
    },
    replace: {
      type: 'boolean',
      description: 'Start afresh instead of adding to the rows of the current version.',
    },
    seed: { type: 'integer', minimum: 0, maximum: 2_147_483_647 },
    name_column: { type: 'string', maxLength: 200 },
    category_column: { type: 'string', maxLength: 200 },
  },
  required: ['new_data_path'],
} as const

export const STARTED_SCHEMA = {
  type: 'object',
  properties: {
    message: { type: 'string' },
    new_model_version: { type: 'string', description: 'Reserved for this job.' },
    data_path: { type: 'string' },
    job_id: { type: 'string' },
  },
  required: ['message', 'new_model_version', 'data_path'],
} as const

export const DETAIL_SCHEMA = {
  type: 'object',
  properties: { detail: {} },
  required: ['detail'],
} as const
