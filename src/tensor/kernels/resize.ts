// Gives the compiled kernels of resize.wat their types and one memory a thread. What the addresses mean is said there.
import { WASM } from './resize-wasm.ts'

export interface ResizeKernels {
  readonly memory: WebAssembly.Memory
  pack(source: number, stride: number, target: number, turns: number): void
  horizontal(
    packed: number,
    table: number,
    weights: number,
    out: number,
    stride: number,
    count: number,
  ): void
  vertical(
    source: number,
    stride: number,
    weights: number,
    pairs: number,
    out: number,
    blocks: number,
  ): void
  linearRow(source: number, table: number, out: number, count: number): void
  linearBlend(
    upper: number,
    lower: number,
    weight0: number,
    weight1: number,
    out: number,
    turns: number,
  ): void
}

let instance: ResizeKernels | undefined

/** The kernels of this thread, with at least so many bytes of memory. Views made before are stale after a call. */
export function loadResizeKernels(bytes: number): ResizeKernels {
  instance ??= new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(WASM, 'base64')))
    .exports as unknown as ResizeKernels
  const missing = bytes - instance.memory.buffer.byteLength
  if (missing > 0) instance.memory.grow(Math.ceil(missing / 65536))
  return instance
}
