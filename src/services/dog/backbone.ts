// The network that a dog model is made from: the one that ships with Duga, or a user's ONNX file.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toPixelSpec } from '../../engine/decoders/pixel-spec.ts'
import { type GraphPort, loadSession } from '../../engine/runtime.ts'
import { DugaError } from '../../errors.ts'
import type { Manifest } from '../../manifest.ts'
import { readModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { PixelSpec } from '../../tensor/pixel-tensor.ts'
import { featuresOf } from '../../train/transfer/head.ts'

const BUNDLED = fileURLToPath(new URL('../../../models/dog/model.onnx', import.meta.url))

export interface Backbone {
  readonly model: ModelProto
  /** Value that a head reads. */
  readonly at: string
  readonly input: GraphPort
  readonly decode: Manifest['decode']
  readonly pixels: PixelSpec
  /** For the manifest's origin. */
  readonly origin: { readonly name: string; readonly sha256: string; readonly licence?: string }
}

/**
 * A file `manifest.json` beside the model says how pictures are made its input; without one it is the contract's: the size of
 * its input, bicubic, RGB, levels divided by 255 where it takes float32.
 *
 * @param path of an ONNX file; null: the bundled model
 * @throws DugaError training.unreadable, `model.unreadable`, `input.invalid` where it takes no pictures
 */
export async function loadBackbone(path: string | null): Promise<Backbone> {
  const file = path ?? BUNDLED
  const bytes = await read(file)
  const model = readModel(bytes)
  // A network without its top has no such layer: all that it gives are features.
  const at = featuresOf(model) ?? model.graph!.output[0]?.name
  const session = await loadSession(bytes)
  const { inputs } = session
  await session.release()
  const [input] = inputs
  if (input === undefined || inputs.length !== 1) refuse(`it has ${inputs.length} inputs, not one`)
  if (at === undefined) refuse('it has no layer whose input could be its features')
  if (input.shape[0] !== null) refuse('its batch is fixed; export it with a free first dimension')
  const manifest = await readManifest(file)
  const decode = manifest?.decode ?? decodeOf(input)
  const licence = manifest?.origin.licence
  return {
    ...{ model, at, input, decode, pixels: toPixelSpec(decode) },
    origin: {
      name: path === null ? 'dog (bundled)' : (file.split(/[/\\]/).at(-1) ?? file),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      ...(typeof licence === 'string' && { licence }),
    },
  }
}

function decodeOf({ type, shape }: GraphPort): Manifest['decode'] {
  const [, first, second, third] = shape
  const planar = first === 3
  const [height, width] = planar ? [second, third] : [first, second]
  if (shape.length !== 4 || (!planar && third !== 3) || !height || !width) {
    refuse(`its input is [${shape.map((dim) => dim ?? 'N').join(', ')}], no picture of fixed size`)
  }
  if (type !== 'float32' && type !== 'uint8') refuse(`its input is of type ${type}`)
  return {
    ...{ width, height, implementation: 'pillow', filter: 'bicubic', order: 'RGB', dtype: type },
    layout: planar ? 'NCHW' : 'NHWC',
    ...(type === 'float32' && { scale: 1 / 255 }),
  }
}

async function readManifest(file: string): Promise<Manifest | null> {
  try {
    return JSON.parse(await readFile(join(dirname(file), 'manifest.json'), 'utf8')) as Manifest
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new DugaError(
      'training.unreadable',
      { file: 'manifest.json', reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    )
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    const name = file.split(/[/\\]/).at(-1) ?? file
    throw new DugaError('training.unreadable', { file: name, reason }, { cause })
  }
}

function refuse(reason: string): never {
  throw new DugaError('input.invalid', { reason: `this network cannot be learned from: ${reason}` })
}
