// The JSON schemas of the vibration routes: they validate, and OpenAPI is made from them.
import { LARGEST_VALUE, LONGEST_DEVICE_ID, WINDOW_POINTS } from './input.ts'

const coordinate = { type: 'number', minimum: -LARGEST_VALUE, maximum: LARGEST_VALUE } as const

export const POINT_SCHEMA = {
  type: 'object',
  properties: {
    x_accelerometer_data: coordinate,
    y_accelerometer_data: coordinate,
    z_accelerometer_data: coordinate,
    acceleration_accelerometer_data: coordinate,
  },
  required: [
    'x_accelerometer_data',
    'y_accelerometer_data',
    'z_accelerometer_data',
    'acceleration_accelerometer_data',
  ],
} as const

export const BATCH_SCHEMA = {
  type: 'object',
  properties: {
    data: {
      type: 'array',
      minItems: WINDOW_POINTS,
      maxItems: WINDOW_POINTS,
      items: POINT_SCHEMA,
      description: `${WINDOW_POINTS} points, oldest first.`,
    },
    device_id: {
      type: ['string', 'null'],
      minLength: 1,
      maxLength: LONGEST_DEVICE_ID,
      description: 'Threshold, buffer and plots are kept per device.',
    },
  },
  required: ['data'],
} as const

export const ANSWER_SCHEMA = {
  type: 'object',
  properties: {
    timestamp: {
      type: 'string',
      description: "Unique; the server's local time with microseconds. Names the plot, if any.",
    },
    reconstruction_error: {
      type: 'number',
      description: 'Mean absolute difference of input and output, in scaled units.',
    },
    anomaly_status: { type: 'boolean', description: 'Whether the error is above the threshold.' },
    threshold: { type: 'number' },
    threshold_source: {
      type: 'string',
      enum: ['learning', 'seed', 'learned', 'relearned'],
      description:
        'What the threshold mostly rests on: too few errors yet, the training errors, this device, ' +
        'or this device since its level changed.',
    },
    threshold_samples: {
      type: 'integer',
      description: 'Errors that the threshold rests on, training errors included.',
    },
    device_id: { type: ['string', 'null'] },
    model_version: { type: 'string' },
  },
  required: ['timestamp', 'reconstruction_error', 'anomaly_status', 'threshold'],
} as const

export const DETAIL_SCHEMA = {
  type: 'object',
  properties: {
    detail: {
      anyOf: [
        { type: 'string' },
        {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              loc: { type: 'array', items: { type: ['string', 'integer'] } },
              msg: { type: 'string' },
              type: { type: 'string' },
            },
            required: ['loc', 'msg', 'type'],
          },
        },
      ],
    },
  },
  required: ['detail'],
} as const
