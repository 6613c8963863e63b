// The only file that touches onnxruntime-node: a session in terms of our own tensors. No threads, no batching here.
// `run` blocks the calling thread while the graph runs, whatever its promise suggests.
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { DugaError } from '../errors.ts'
import type { Tensor, TensorArray, Tensors, TensorType } from '../tensor/tensor.ts'

const TYPES: ReadonlySet<string> = new Set<TensorType>([
  'float32',
  'float64',
  'int64',
  'int32',
  'int16',
  'int8',
  'uint8',
  'uint16',
  'uint32',
  'bool',
])

export interface GraphPort {
  readonly name: string
  readonly type: TensorType
  /** null where the graph leaves the dimension free. */
  readonly shape: readonly (number | null)[]
}

export interface Session {
  readonly inputs: readonly GraphPort[]
  readonly outputs: readonly GraphPort[]
  /**
   * Runs the graph; all outputs. Their data is not shared with the runtime and may be transferred. Outputs named in
   * `into` are written into its tensors, whose memory is then used again and again; they must have the right shape.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Tensors>
  /** Frees the native session; nothing may be running. */
  release(): Promise<void>
}

export interface SessionOptions {
  /** Threads of one run, the calling one included. More than one only where no other lane shares the cores. */
  readonly threads?: number
}

/**
 * Opens an ONNX model, from its bytes or (cheaper in memory) from its path.
 *
 * @throws DugaError `model.unreadable` where onnxruntime refuses the graph, `model.unsupported-type` for an input or
 * output that is no plain tensor of a {@link TensorType} (strings, half precision, sequences)
 */
export async function loadSession(
  model: Uint8Array | string,
  { threads = 1 }: SessionOptions = {},
): Promise<Session> {
  const session = await open(model, threads)
  try {
    const inputs = session.inputMetadata.map(toPort)
    const outputs = session.outputMetadata.map(toPort)
    return {
      inputs,
      outputs,
      run: async (feeds, into) => {
        if (into === undefined) return fromOrt(await session.run(toOrt(feeds)))
        const fetches = Object.fromEntries(outputs.map(({ name }) => [name, null]))
        const results = await session.run(toOrt(feeds), { ...fetches, ...toOrt(into) })
        return { ...fromOrt(results), ...into }
      },
      release: () => session.release(),
    }
  } catch (error) {
    await session.release()
    throw error
  }
}

async function open(model: Uint8Array | string, threads: number): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Fatal only: errors are thrown, and tensors that clients send must not fill the log.
    logSeverityLevel: 4,
    // Measured: without the arena 15 % slower where malloc maps large blocks, and no smaller where it does not.
    enableCpuMemArena: true,
    // Measured: planning memory ahead doubles the arena (10 MB a lane for a 24 MB model) and gains at most 1 %.
    enableMemPattern: false,
    // Idle threads that spin take the cores from the other lanes: 1.6 times the processor time for the same speed.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  }
  try {
    return typeof model === 'string'
      ? await InferenceSession.create(model, options)
      : await InferenceSession.create(model, options)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const reason = typeof model === 'string' ? text.replaceAll(model, 'the file') : text
    throw new DugaError('model.unreadable', { reason }, { cause: error })
  }
}

function toPort(port: InferenceSession.ValueMetadata): GraphPort {
  const type = port.isTensor ? port.type : 'a sequence or map'
  if (!port.isTensor || !isTensorType(type)) {
    throw new DugaError('model.unsupported-type', { name: port.name, type })
  }
  return { name: port.name, type, shape: port.shape.map((n) => (typeof n === 'number' ? n : null)) }
}

function isTensorType(type: string): type is TensorType {
  return TYPES.has(type)
}

function toOrt(feeds: Tensors): Record<string, OrtTensor> {
  const values: Record<string, OrtTensor> = {}
  for (const name in feeds) {
    const { type, data, dims } = feeds[name]!
    values[name] = new OrtTensor(type, data, dims)
  }
  return values
}

function fromOrt(values: InferenceSession.OnnxValueMapType): Tensors {
  const tensors: Record<string, Tensor> = {}
  for (const name in values) {
    const { type, dims, data } = values[name] as OrtTensor
    tensors[name] = { type: type as TensorType, dims, data: data as TensorArray }
  }
  return tensors
}
