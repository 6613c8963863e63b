// The literal table of importers. The first that recognises a file gets it.
import type { Importer, SourceFile } from './importer.ts'

const isHdf5 = ({ head }: SourceFile): boolean =>
  [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, index) => head[index] === byte)

/** The name of the first file in a zip archive, which tells what made it; `''` for other files. */
function firstEntry({ head }: SourceFile): string {
  if (head[0] !== 0x50 || head[1] !== 0x4b || head[2] !== 3 || head[3] !== 4) return ''
  const length = head[26]! | (head[27]! << 8)
  return Buffer.from(head.subarray(30, 30 + length)).toString('latin1')
}

/** The keys of a model come early, that of the topology before anything long. */
function isTfjs({ head }: SourceFile): boolean {
  const text = Buffer.from(head).toString('latin1')
  return text.trimStart().startsWith('{') && /"(modelTopology|weightsManifest)"\s*:/.test(text)
}

const KERAS_ENTRIES: ReadonlySet<string> = new Set([
  'metadata.json',
  'config.json',
  'model.weights.h5',
])

/** PyTorch's zip format: a folder with data.pkl. TorchScript's begins likewise. */
const TORCH_ENTRY =
  /^([^/]*\/)?(data\.pkl|constants\.pkl|data\/\d+|version|byteorder|archive_format|code\/.*)$/

/** The magic number of PyTorch's format before 1.6, as a pickle of its own. */
const TORCH_LEGACY = Buffer.from('80028a0a6cfc9c46f9206aa85019', 'hex')

/** A length and JSON; the length is checked, as other formats may have a brace there. */
function isSafetensors({ head, bytes }: SourceFile): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true)
  return length <= bytes - 8
}

const isPytorch = (file: SourceFile): boolean =>
  TORCH_ENTRY.test(firstEntry(file)) ||
  TORCH_LEGACY.equals(file.head.subarray(0, TORCH_LEGACY.length)) ||
  isSafetensors(file) ||
  /\.(pt|pth|ckpt|safetensors)$/i.test(file.name)

const PICKLE_NAME = /\.(joblib|pkl|pickle|sav|skl)(\.(z|gz|bz2|xz|lzma|lz4))?$/i

/** Protocol 2 to 5 say so; what is compressed, or of an older protocol, goes by its name. */
const isPickle = ({ head, name }: SourceFile): boolean =>
  (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) || PICKLE_NAME.test(name)

export const IMPORTERS: readonly Importer[] = [
  {
    format: 'keras',
    title: 'Keras (.keras, .h5)',
    recognises: (file) => isHdf5(file) || KERAS_ENTRIES.has(firstEntry(file)),
    load: async () => (await import('./keras/import-keras.ts')).importKeras,
  },
  {
    format: 'tfjs',
    title: 'TensorFlow.js (model.json beside its shards)',
    recognises: isTfjs,
    load: async () => (await import('./tfjs/import-tfjs.ts')).importTfjs,
  },
  {
    format: 'pytorch',
    title: 'PyTorch weights (.pt, .pth, .safetensors)',
    recognises: isPytorch,
    load: async () => (await import('./pytorch/import-pytorch.ts')).importPytorch,
  },
  {
    format: 'sklearn',
    title: 'scikit-learn (.joblib, .pkl)',
    recognises: isPickle,
    load: async () => (await import('./sklearn/import-sklearn.ts')).importSklearn,
  },
  {
    format: 'onnx',
    title: 'ONNX (.onnx)',
    // Protobuf has no mark of its own.
    recognises: ({ name }) => /\.onnx$/i.test(name),
    load: async () => (await import('./onnx/import-onnx.ts')).importOnnx,
  },
]
