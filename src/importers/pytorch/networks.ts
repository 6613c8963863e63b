// The networks that can be built of weights alone, by the names and shapes of their tensors.

import type { Json } from '../../json.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import { createEfficientNetLite, type StateDict } from './efficientnet-lite.ts'

export interface Network {
  readonly title: string
  /** Whether the names are exactly its names; shapes are checked when it is built. */
  readonly fits: (names: readonly string[]) => boolean
  /** @throws DugaError model.unreadable where shapes do not fit each other */
  readonly build: (state: StateDict) => BuiltNetwork
}

export interface BuiltNetwork {
  readonly model: ModelProto
  /** For the manifest. */
  readonly decode: { readonly [key: string]: Json }
  readonly variant: string
  readonly notices: readonly string[]
}

/** Blocks and channels before the head → name and side in pixels, after efficientnet_lite_builder.py. */
const LITES: Readonly<Record<string, readonly [variant: string, side: number]>> = {
  '16,320': ['EfficientNet-Lite0', 224],
  '21,320': ['EfficientNet-Lite1', 240],
  '21,352': ['EfficientNet-Lite2', 260],
  '24,384': ['EfficientNet-Lite3', 280],
  '30,448': ['EfficientNet-Lite4', 300],
}
const SIDE = 224

/** The original evaluates on the central square of side / (side + 32) of the picture. */
const CROP_PADDING = 32

const LITE_NAME =
  /^(_conv_stem|_conv_head|_fc|_bn[01]|_blocks\.\d+\.(_expand_conv|_depthwise_conv|_project_conv|_bn[012]))\.(weight|bias|running_mean|running_var|num_batches_tracked)$/

export const NETWORKS: readonly Network[] = [
  {
    title: 'EfficientNet-Lite (names as in efficientnet_lite_pytorch)',
    fits: (names) => names.includes('_conv_stem.weight') && names.every((n) => LITE_NAME.test(n)),
    build: buildLite,
  },
]

function buildLite(state: StateDict): BuiltNetwork {
  const blocks = [...state.keys()].filter((name) => name.endsWith('_project_conv.weight')).length
  const channels = state.get('_conv_head.weight')?.dims[1] ?? 0
  const known = LITES[`${blocks},${channels}`]
  const [variant, side] = known ?? ['EfficientNet-Lite', SIDE]
  return {
    model: createEfficientNetLite(state, side),
    decode: { filter: 'bicubic', center_crop: side / (side + CROP_PADDING), order: 'RGB' },
    variant,
    notices: known
      ? []
      : [`The file does not say how large its pictures are: ${side} × ${side} is taken.`],
  }
}
