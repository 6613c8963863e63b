// What an immutable version says of itself: its files, how its input is made, what its output means, how good it is.
// Stored as JSON beside the blobs it names; read by the registry, the lanes and a service's decode and answer.
import type { Json } from './json.ts'
import type { TensorType } from './tensor/tensor.ts'

export interface TensorSpec {
  readonly name: string
  readonly type: TensorType
  /** The first dimension is the batch: a number where the graph fixes it, else null. Other free dimensions are null too. */
  readonly shape: readonly (number | null)[]
}

export interface ManifestFile {
  /** File name in an export, such as `model.onnx`. */
  readonly name: string
  /** Lower-case hex; also the blob's key. */
  readonly sha256: string
  readonly bytes: number
}

export interface Manifest {
  readonly format: 1
  readonly service: string
  /** `v1.0.0` */
  readonly version: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly parent: string | null
  /** By role. `model` is the graph that is batched; other ONNX roles (such as `detector`) are run by decode; others are data. */
  readonly files: Readonly<Record<string, ManifestFile>>
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** Most rows of one run of the model; 1 where the graph fixes its batch. */
  readonly maxBatch: number
  /** Class names by output index; null where the model has none. */
  readonly labels: readonly string[] | null
  /** What the service's decode reads: sample rate, size, filter, order, scale … */
  readonly decode: { readonly [key: string]: Json }
  /** What the service's answer reads: thresholds, temperature … */
  readonly answer: { readonly [key: string]: Json }
  /** Role of the safetensors file with `input.<name>` and `output.<name>`, replayed before the version serves. */
  readonly golden: { readonly file: string; readonly tolerance: number } | null
  /** scikit-learn's metric names → value, of the test rows. */
  readonly metrics: Readonly<Record<string, number>>
  /** Provenance: data hash, row counts, training parameters, code version, source of weights. */
  readonly origin: { readonly [key: string]: Json }
}

/** A version as the engine loads it: its manifest and, by role, the path of each file on this machine. */
export interface VersionFiles {
  readonly manifest: Manifest
  readonly paths: Readonly<Record<string, string>>
}
