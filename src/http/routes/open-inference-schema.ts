// Schemas of the Open Inference Protocol's routes.
const tags = ['open inference protocol']

const tensorMetadata = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      datatype: { type: 'string' },
      shape: { type: 'array', items: { type: 'integer' } },
    },
  },
}

const tensors = {
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'shape', 'datatype', 'data'],
    properties: {
      name: { type: 'string', maxLength: 256 },
      shape: { type: 'array', items: { type: 'integer', minimum: 0 }, maxItems: 8 },
      datatype: { type: 'string', maxLength: 8 },
      parameters: { type: 'object' },
      data: { type: 'array', description: 'Row-major, flat or nested.' },
    },
  },
}

/** Body of every error of the protocol. */
export const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string' } },
}

export const serverSchema = {
  tags,
  summary: 'Server metadata',
  response: {
    200: answerOf({
      name: { type: 'string' },
      version: { type: 'string' },
      extensions: { type: 'array', items: { type: 'string' } },
    }),
  },
}

export const liveSchema = {
  tags,
  summary: 'Whether the server lives',
  response: { 200: answerOf({ live: { type: 'boolean' } }) },
}

const ready = answerOf({ ready: { type: 'boolean' } })

export const serverReadySchema = {
  tags,
  summary: 'Whether every model that is loaded answers',
  response: { 200: ready, 503: ready },
}

export const modelReadySchema = {
  tags,
  summary: 'Whether the model answers',
  response: { 200: answerOf({ name: { type: 'string' }, ready: { type: 'boolean' } }) },
}

export const modelSchema = {
  tags,
  summary: 'Inputs and outputs of the active version',
  response: {
    200: answerOf({
      name: { type: 'string' },
      versions: { type: 'array', items: { type: 'string' } },
      platform: { type: 'string' },
      inputs: tensorMetadata,
      outputs: tensorMetadata,
    }),
  },
}

export const inferSchema = {
  tags,
  summary: 'Runs tensors through the model, without decode',
  description: 'A service whose clients log in asks for the token here too; the others need none.',
  body: {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: { type: 'string', maxLength: 256 },
      parameters: { type: 'object' },
      inputs: { ...tensors, minItems: 1, maxItems: 16 },
      outputs: {
        type: 'array',
        maxItems: 64,
        items: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' }, parameters: { type: 'object' } },
        },
      },
    },
  },
  response: {
    200: answerOf({
      id: { type: 'string', description: 'As it was sent.' },
      model_name: { type: 'string' },
      model_version: { type: 'string' },
      outputs: tensors,
    }),
  },
}

function answerOf(properties: Readonly<Record<string, object>>): Record<string, unknown> {
  return { type: 'object', properties }
}
