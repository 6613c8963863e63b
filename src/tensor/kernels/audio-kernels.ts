// One instance of the audio kernels (see audio.as) with its own memory, and a bump allocator for
// that memory. Instances are small (3 kB of code) and independent: each plan (a mel spectrogram, a
// resampler) owns one.
import { WASM } from './audio-wasm.ts'

/** Pointers are byte offsets into `memory`; their meaning stands in audio.as. */
interface Functions {
  readonly memory: WebAssembly.Memory
  loadFrames(x: number, hop: number, window: number, data: number, n: number): void
  fft(data: number, n: number, twiddle: number): void
  power(data: number, n: number, order: number, root: number, out: number): void
  bands(
    powers: number,
    count: number,
    start: number,
    length: number,
    weights: number,
    out: number,
    stride: number,
  ): void
  lowHalf(data: number, n: number, order: number, root: number, gain: number, out: number): void
  pack(spectrum: number, n: number, root: number, data: number): void
  storeReal(
    data: number,
    order: number,
    from: number,
    count: number,
    out: number,
    stride: number,
  ): void
  polyphase(
    x: number,
    filter: number,
    taps: number,
    phases: number,
    numerator: number,
    denominator: number,
    blend: number,
    out: number,
    count: number,
  ): void
}

export interface AudioKernels extends Functions {
  /** Reserves zeroed memory for good; the pointer is a multiple of 16. */
  allocate(bytes: number): number
  /** Copies a table into reserved memory. */
  place(table: Float32Array | Int32Array): number
  /**
   * Sees to it that `bytes` bytes from `pointer` on exist. Views made before are void afterwards.
   */
  reserve(pointer: number, bytes: number): void
  /** First byte after all that was allocated: scratch space of one call starts here. */
  scratch(): number
  floats(pointer: number, length: number): Float32Array
}

const PAGE = 65_536
let compiled: WebAssembly.Module | undefined

/** Makes an instance; the code is compiled once a thread. */
export function createAudioKernels(): AudioKernels {
  compiled ??= new WebAssembly.Module(Buffer.from(WASM, 'base64'))
  const functions = new WebAssembly.Instance(compiled).exports as unknown as Functions
  const { memory } = functions
  let top = 16
  const reserve = (pointer: number, bytes: number) => {
    const missing = pointer + bytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
  }
  const allocate = (bytes: number) => {
    const pointer = top
    top = align(top + bytes)
    reserve(pointer, bytes)
    return pointer
  }
  return {
    ...functions,
    allocate,
    place: (table) => {
      const pointer = allocate(table.byteLength)
      const bytes = new Uint8Array(table.buffer, table.byteOffset, table.byteLength)
      new Uint8Array(memory.buffer).set(bytes, pointer)
      return pointer
    },
    reserve,
    scratch: () => top,
    floats: (pointer, length) => new Float32Array(memory.buffer, pointer, length),
  }
}

/** The next multiple of 16. */
export function align(bytes: number): number {
  return (bytes + 15) & ~15
}
