/** bfloat16, as its 16 bits, widened to float32: it is the upper half of one. */
export function fromBfloat16(values: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(values, (value) => value << 16).buffer)
}
