// What every service of pictures does with a model that it takes in: size, order of axes and scale of its input.
import type { Json } from '../json.ts'
import { unfit } from './adopt.ts'
import type { ImportedModel } from './import-files.ts'
import { lookAtGraph } from './look-at-graph.ts'

export interface PictureInput {
  /** For the manifest's `decode`. */
  readonly decode: { readonly [key: string]: Json }
  readonly notices: readonly string[]
  readonly maxBatch: number
}

const BATCH = 8
const LEVELS = 255

/**
 * @param settings may say `width`, `height`, `layout`, `scale`, `order` … where the file does not
 * @throws DugaError model.unfit
 */
export function adoptPicture(
  service: string,
  model: ImportedModel,
  settings: Readonly<Record<string, Json>>,
): PictureInput {
  const [input, ...others] = model.inputs
  if (input === undefined || others.length > 0 || input.shape.length !== 4) {
    const shapes = model.inputs.map(
      ({ shape }) => `[${shape.map((dim) => dim ?? 'any').join(', ')}]`,
    )
    throw unfit(service, `it takes ${shapes.join(' and ')}, not one picture`)
  }
  const [batch, ...dims] = input.shape as [
    number | null,
    number | null,
    number | null,
    number | null,
  ]
  const layout = settings.layout ?? (dims[0] === 3 && dims[2] !== 3 ? 'NCHW' : 'NHWC')
  const [height, width] = layout === 'NCHW' ? dims.slice(1) : dims
  const channels = layout === 'NCHW' ? dims[0] : dims[2]
  if (channels !== 3)
    throw unfit(service, `its pictures have ${channels ?? 'any number of'} channels, not 3`)
  const size = { width: settings.width ?? width ?? null, height: settings.height ?? height ?? null }
  if (typeof size.width !== 'number' || typeof size.height !== 'number') {
    throw unfit(
      service,
      'it takes pictures of any size; say which with --set width=… --set height=…',
    )
  }
  const notices: string[] = []
  const whole = input.type === 'uint8'
  if (!whole && input.type !== 'float32') throw unfit(service, `its input is ${input.type}`)
  const given = ['scale', 'offset', 'mean', 'std'].some((key) => settings[key] !== undefined)
  const scaled = whole || given || lookAtGraph(model.graph).normalises
  if (!scaled) {
    notices.push(
      'The file does not say how pixels are scaled: they are divided by 255. If it wants levels of 0 to 255, say --set scale=1.',
    )
  }
  return {
    decode: {
      ...{ ...size, layout, dtype: whole ? 'uint8' : 'float32' },
      ...(scaled ? {} : { scale: 1 / LEVELS }),
      ...model.decode,
    },
    notices,
    maxBatch: batch ?? BATCH,
  }
}
