import { test } from 'node:test'
import * as fc from 'fast-check'
import { checkGradients, spread } from '../../../test/builders/gradient-check.ts'
import type { Attributes } from '../../onnx/attribute.ts'

interface Geometry {
  readonly x: number[]
  readonly w: number[]
  readonly attributes?: Attributes
}

const conv = (op: string, { x, w, attributes = {} }: Geometry): Promise<void> => {
  const channels = op === 'Conv' ? w[0]! : w[1]! * Number(attributes.group ?? 1)
  return checkGradients({
    inputs: { x: spread(x), w: spread(w, 2), b: spread([channels], 3) },
    build: (graph) => graph.node(op, ['x', 'w', 'b'], attributes),
    step: 0.05,
  })
}

const MODES: Readonly<Record<string, Geometry>> = {
  'of one dimension': { x: [2, 3, 9], w: [4, 3, 3] },
  'with a stride that leaves a rest': {
    x: [2, 2, 8, 9],
    w: [3, 2, 3, 3],
    attributes: { strides: [2, 3] },
  },
  'with unequal pads and dilations': {
    x: [1, 2, 7, 6],
    w: [3, 2, 3, 2],
    attributes: { pads: [1, 0, 2, 1], dilations: [2, 1] },
  },
  'SAME_UPPER with a stride': {
    x: [2, 2, 5, 6],
    w: [3, 2, 3, 3],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
  SAME_LOWER: {
    x: [1, 2, 5, 6],
    w: [2, 2, 2, 3],
    attributes: { auto_pad: 'SAME_LOWER' },
  },
  VALID: { x: [1, 2, 5, 6], w: [2, 2, 2, 3], attributes: { auto_pad: 'VALID' } },
  'in groups': { x: [2, 6, 5, 4], w: [4, 3, 3, 2], attributes: { group: 2 } },
  depthwise: {
    x: [2, 3, 5, 7],
    w: [3, 1, 3, 3],
    attributes: { group: 3, pads: [1, 1, 1, 1], strides: [2, 2] },
  },
  'depthwise with two kernels a channel': {
    x: [2, 3, 4, 5],
    w: [6, 1, 2, 2],
    attributes: { group: 3 },
  },
  'of one tap, in place': { x: [2, 3, 3, 5], w: [4, 3, 1, 1] },
  'of one tap with a stride': { x: [2, 3, 5, 5], w: [4, 3, 1, 1], attributes: { strides: [2, 2] } },
  'over many channels': { x: [1, 17, 3, 4], w: [2, 17, 2, 2] },
  'over many channels with unequal pads and a dilation': {
    x: [1, 17, 4, 5],
    w: [2, 17, 2, 2],
    attributes: { pads: [1, 0, 0, 1], dilations: [1, 2] },
  },
  'depthwise with unequal pads and a dilation': {
    x: [2, 3, 4, 5],
    w: [3, 1, 2, 3],
    attributes: { group: 3, pads: [0, 2, 1, 3], dilations: [1, 2] },
  },
  'over many channels with wide pads': {
    x: [1, 16, 3, 3],
    w: [2, 16, 2, 2],
    attributes: { pads: [2, 2, 2, 2] },
  },
  'of three dimensions': { x: [1, 2, 3, 4, 3], w: [2, 2, 2, 2, 2] },
}

for (const [mode, geometry] of Object.entries(MODES)) {
  test(`Conv ${mode}`, () => conv('Conv', geometry))
}

const TRANSPOSED: Readonly<Record<string, Geometry>> = {
  'of one dimension': { x: [2, 3, 5], w: [3, 2, 3], attributes: { strides: [2] } },
  'with output padding': {
    x: [1, 2, 3, 4],
    w: [2, 3, 3, 3],
    attributes: { strides: [2, 2], pads: [1, 0, 1, 1], output_padding: [1, 1] },
  },
  'in groups with dilations': {
    x: [2, 4, 3, 3],
    w: [4, 2, 2, 3],
    attributes: { group: 2, dilations: [2, 1] },
  },
  depthwise: { x: [2, 3, 3, 4], w: [3, 1, 3, 3], attributes: { group: 3, strides: [2, 1] } },
  SAME_UPPER: {
    x: [1, 2, 3, 4],
    w: [2, 3, 3, 3],
    attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
}

for (const [mode, geometry] of Object.entries(TRANSPOSED)) {
  test(`ConvTranspose ${mode}`, () => conv('ConvTranspose', geometry))
}

test('any geometry of Conv', async () => {
  const small = (max: number, min = 1) => fc.integer({ min, max })
  const geometry = fc.record({
    batch: small(2),
    group: small(3),
    per: fc.tuple(small(2), small(2)),
    size: fc.tuple(small(8, 5), small(8, 5)),
    kernel: fc.tuple(small(3), small(3)),
    strides: fc.tuple(small(3), small(3)),
    dilations: fc.tuple(small(2), small(2)),
    pads: fc.tuple(small(2, 0), small(2, 0), small(2, 0), small(2, 0)),
  })
  await fc.assert(
    fc.asyncProperty(geometry, ({ batch, group, per, size, kernel, ...rest }) =>
      conv('Conv', {
        x: [batch, group * per[0], ...size],
        w: [group * per[1], per[0], ...kernel],
        attributes: { group, ...rest },
      }),
    ),
    { numRuns: 25, seed: 11 },
  )
})
