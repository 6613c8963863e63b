// Logits → probabilities, row by row.

/** @param logits [rows, classes] row-major, each multiplied with `scale` first */
export function softmaxRows(logits: Float32Array, classes: number, scale: number): Float32Array {
  const out = logits.slice()
  for (let start = 0; start < out.length; start += classes) {
    const row = out.subarray(start, start + classes)
    const most = Math.max(...row)
    let sum = 0
    for (let c = 0; c < classes; c++) {
      row[c] = Math.exp(scale * (row[c]! - most))
      sum += row[c]!
    }
    for (let c = 0; c < classes; c++) row[c]! /= sum
  }
  return out
}
