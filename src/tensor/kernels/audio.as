// Audio kernels in AssemblyScript (WebAssembly SIMD): four transforms at once, one a lane of a
// vector, so that every scalar step of the textbook algorithm is one vector step. Pointers are byte
// offsets into the memory, which the caller lays out. A complex number is 32 bytes: four real
// parts, then four imaginary parts. Built by scripts/build-kernels.ts.

// @ts-nocheck: not TypeScript, though it reads alike.

@inline
function re(p: usize): v128 {
  return v128.load(p)
}

@inline
function im(p: usize): v128 {
  return v128.load(p, 16)
}

@inline
function put(p: usize, real: v128, imaginary: v128): void {
  v128.store(p, real)
  v128.store(p, imaginary, 16)
}

/**
 * Gathers four frames of `2n` reals, `hop` bytes apart, times the window; pairs of reals become `n`
 * complex numbers.
 */
export function loadFrames(x: usize, hop: usize, window: usize, data: usize, n: i32): void {
  for (let i = 0; i < n; i += 2) {
    const at = x + (<usize>i << 3)
    const w = v128.load(window + (<usize>i << 3))
    const a = f32x4.mul(v128.load(at), w)
    const b = f32x4.mul(v128.load(at + hop), w)
    const c = f32x4.mul(v128.load(at + 2 * hop), w)
    const d = f32x4.mul(v128.load(at + 3 * hop), w)
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
    const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
    const CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
    const out = data + (<usize>i << 5)
    put(out, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
    put(out + 32, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5), v128.shuffle<f32>(AB, CD, 2, 3, 6, 7))
  }
}

/**
 * Forward complex FFT of `n` points (a power of two), in place, decimation in frequency: radix 4,
 * and radix 2 last where the power is odd. The output is in digit-reversed order. `twiddle`: for
 * each stage of span L and each j < L/4, cos and sin of -2πj/L, -4πj/L, -6πj/L as six floats.
 */
export function fft(data: usize, n: i32, twiddle: usize): void {
  let span = n
  let w = twiddle
  const end = data + (<usize>n << 5)
  while (span >= 4) {
    const quarter = span >> 2
    const q = <usize>quarter << 5
    const step = <usize>span << 5
    for (let j = 0; j < quarter; j++) {
      const c1 = v128.load32_splat(w)
      const s1 = v128.load32_splat(w, 4)
      const c2 = v128.load32_splat(w, 8)
      const s2 = v128.load32_splat(w, 12)
      const c3 = v128.load32_splat(w, 16)
      const s3 = v128.load32_splat(w, 20)
      w += 24
      for (let p = data + (<usize>j << 5); p < end; p += step) {
        const p1 = p + q
        const p2 = p1 + q
        const p3 = p2 + q
        const ar = re(p)
        const ai = im(p)
        const br = re(p1)
        const bi = im(p1)
        const cr = re(p2)
        const ci = im(p2)
        const dr = re(p3)
        const di = im(p3)
        const sr = f32x4.add(ar, cr)
        const si = f32x4.add(ai, ci)
        const tr = f32x4.sub(ar, cr)
        const ti = f32x4.sub(ai, ci)
        const ur = f32x4.add(br, dr)
        const ui = f32x4.add(bi, di)
        const vr = f32x4.sub(br, dr)
        const vi = f32x4.sub(bi, di)
        put(p, f32x4.add(sr, ur), f32x4.add(si, ui))
        const xr = f32x4.add(tr, vi)
        const xi = f32x4.sub(ti, vr)
        put(
          p1,
          f32x4.sub(f32x4.mul(xr, c1), f32x4.mul(xi, s1)),
          f32x4.add(f32x4.mul(xr, s1), f32x4.mul(xi, c1)),
        )
        const yr = f32x4.sub(sr, ur)
        const yi = f32x4.sub(si, ui)
        put(
          p2,
          f32x4.sub(f32x4.mul(yr, c2), f32x4.mul(yi, s2)),
          f32x4.add(f32x4.mul(yr, s2), f32x4.mul(yi, c2)),
        )
        const zr = f32x4.sub(tr, vi)
        const zi = f32x4.add(ti, vr)
        put(
          p3,
          f32x4.sub(f32x4.mul(zr, c3), f32x4.mul(zi, s3)),
          f32x4.add(f32x4.mul(zr, s3), f32x4.mul(zi, c3)),
        )
      }
    }
    span = quarter
  }
  if (span == 2) {
    for (let p = data; p < end; p += 64) {
      const ar = re(p)
      const ai = im(p)
      const br = re(p + 32)
      const bi = im(p + 32)
      put(p, f32x4.add(ar, br), f32x4.add(ai, bi))
      put(p + 32, f32x4.sub(ar, br), f32x4.sub(ai, bi))
    }
  }
}

/**
 * From the FFT of `n` packed pairs to the power |X[k]|² of the `2n` reals, k = 0..n, four lanes
 * each. `order`: byte offset of frequency k in `data`, k = 0..n (order[n] = order[0]); `root`: cos
 * and sin of -πk/n.
 */
export function power(data: usize, n: i32, order: usize, root: usize, out: usize): void {
  const half = f32x4.splat(0.5)
  for (let k = 0; k <= n >> 1; k++) {
    const a = data + <usize>load<i32>(order + (<usize>k << 2))
    const b = data + <usize>load<i32>(order + (<usize>(n - k) << 2))
    const c = v128.load32_splat(root + (<usize>k << 3))
    const s = v128.load32_splat(root + (<usize>k << 3), 4)
    const er = f32x4.mul(half, f32x4.add(re(a), re(b)))
    const ei = f32x4.mul(half, f32x4.sub(im(a), im(b)))
    const or = f32x4.mul(half, f32x4.add(im(a), im(b)))
    const oi = f32x4.mul(half, f32x4.sub(re(b), re(a)))
    const wr = f32x4.sub(f32x4.mul(or, c), f32x4.mul(oi, s))
    const wi = f32x4.add(f32x4.mul(or, s), f32x4.mul(oi, c))
    const xr = f32x4.add(er, wr)
    const xi = f32x4.add(ei, wi)
    const yr = f32x4.sub(er, wr)
    const yi = f32x4.sub(ei, wi)
    v128.store(out + (<usize>k << 4), f32x4.add(f32x4.mul(xr, xr), f32x4.mul(xi, xi)))
    v128.store(out + (<usize>(n - k) << 4), f32x4.add(f32x4.mul(yr, yr), f32x4.mul(yi, yi)))
  }
}

/**
 * Weighted sums of powers: band m uses `length[m]` weights from bin `start[m]`; four frames to `out
 * + m × stride` bytes.
 */
export function bands(
  powers: usize,
  count: i32,
  start: usize,
  length: usize,
  weights: usize,
  out: usize,
  stride: usize,
): void {
  let w = weights
  for (let m = 0; m < count; m++) {
    let p = powers + (<usize>load<i32>(start + (<usize>m << 2)) << 4)
    const end = p + (<usize>load<i32>(length + (<usize>m << 2)) << 4)
    let sum = f32x4.splat(0)
    while (p < end) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load32_splat(w)))
      p += 16
      w += 4
    }
    v128.store(out, sum)
    out += stride
  }
}

/**
 * From the FFT of `n` packed pairs to `gain[k] × X[k]`, k = 0..n/2: the lower half of the band of
 * the `2n` reals. The gain is real (a filter that is symmetric about zero).
 */
export function lowHalf(
  data: usize,
  n: i32,
  order: usize,
  root: usize,
  gain: usize,
  out: usize,
): void {
  const half = f32x4.splat(0.5)
  for (let k = 0; k <= n >> 1; k++) {
    const a = data + <usize>load<i32>(order + (<usize>k << 2))
    const b = data + <usize>load<i32>(order + (<usize>(n - k) << 2))
    const c = v128.load32_splat(root + (<usize>k << 3))
    const s = v128.load32_splat(root + (<usize>k << 3), 4)
    const g = f32x4.mul(half, v128.load32_splat(gain + (<usize>k << 2)))
    const er = f32x4.add(re(a), re(b))
    const ei = f32x4.sub(im(a), im(b))
    const or = f32x4.add(im(a), im(b))
    const oi = f32x4.sub(re(b), re(a))
    const wr = f32x4.sub(f32x4.mul(or, c), f32x4.mul(oi, s))
    const wi = f32x4.add(f32x4.mul(or, s), f32x4.mul(oi, c))
    put(
      out + (<usize>k << 5),
      f32x4.mul(g, f32x4.add(er, wr)),
      f32x4.mul(g, f32x4.add(ei, wi)),
    )
  }
}

/**
 * From the spectrum Y[0..n] of `2n` reals to the `n` packed pairs whose forward FFT, with real and
 * imaginary parts exchanged, is the inverse transform (unscaled, twice too large). `root`: cos and
 * sin of -πk/n.
 */
export function pack(spectrum: usize, n: i32, root: usize, data: usize): void {
  for (let k = 0; k < n; k++) {
    const a = spectrum + (<usize>k << 5)
    const b = spectrum + (<usize>(n - k) << 5)
    const c = v128.load32_splat(root + (<usize>k << 3))
    const s = v128.load32_splat(root + (<usize>k << 3), 4)
    const er = f32x4.add(re(a), re(b))
    const ei = f32x4.sub(im(a), im(b))
    const dr = f32x4.sub(re(a), re(b))
    const di = f32x4.add(im(a), im(b))
    // O = conj(w) D; Z = E + iO; stored exchanged: imaginary part first.
    const or = f32x4.add(f32x4.mul(dr, c), f32x4.mul(di, s))
    const oi = f32x4.sub(f32x4.mul(di, c), f32x4.mul(dr, s))
    put(data + (<usize>k << 5), f32x4.add(ei, or), f32x4.sub(er, oi))
  }
}

/**
 * Writes the exchanged output of an FFT of packed pairs as reals: pairs `from` .. `from + count`
 * (count even) of each lane, lanes `stride` bytes apart.
 */
export function storeReal(
  data: usize,
  order: usize,
  from: i32,
  count: i32,
  out: usize,
  stride: usize,
): void {
  for (let i = 0; i < count; i += 2) {
    const a = data + <usize>load<i32>(order + (<usize>(from + i) << 2))
    const b = data + <usize>load<i32>(order + (<usize>(from + i + 1) << 2))
    const ar = im(a)
    const ai = re(a)
    const br = im(b)
    const bi = re(b)
    const a01 = v128.shuffle<f32>(ar, ai, 0, 4, 1, 5)
    const a23 = v128.shuffle<f32>(ar, ai, 2, 6, 3, 7)
    const b01 = v128.shuffle<f32>(br, bi, 0, 4, 1, 5)
    const b23 = v128.shuffle<f32>(br, bi, 2, 6, 3, 7)
    const p = out + (<usize>i << 3)
    v128.store(p, v128.shuffle<f32>(a01, b01, 0, 1, 4, 5))
    v128.store(p + stride, v128.shuffle<f32>(a01, b01, 2, 3, 6, 7))
    v128.store(p + 2 * stride, v128.shuffle<f32>(a23, b23, 0, 1, 4, 5))
    v128.store(p + 3 * stride, v128.shuffle<f32>(a23, b23, 2, 3, 6, 7))
  }
}

@inline
function dot(x: usize, h: usize, taps: i32): v128 {
  let even = f32x4.splat(0)
  let odd = f32x4.splat(0)
  const end = h + (<usize>taps << 2)
  while (h < end) {
    even = f32x4.add(even, f32x4.mul(v128.load(x), v128.load(h)))
    odd = f32x4.add(odd, f32x4.mul(v128.load(x, 16), v128.load(h, 16)))
    x += 32
    h += 32
  }
  return f32x4.add(even, odd)
}

@inline
function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  )
}

/**
 * Polyphase filter: output i is at input position `i × step` samples; its row of the filter is the
 * nearest lower of `phases` (the table has one row more), and, when `blend` is set, the row above
 * in proportion. `taps`: multiple of 8. Output i reads `taps` inputs from floor(position).
 */
export function polyphase(
  x: usize,
  filter: usize,
  taps: i32,
  phases: i32,
  numerator: f64,
  denominator: f64,
  blend: i32,
  out: usize,
  count: i32,
): void {
  const row = <usize>taps << 2
  for (let i = 0; i < count; i++) {
    const product = <f64>i * numerator
    const whole = Math.floor(product / denominator)
    const phase = ((product - whole * denominator) * <f64>phases) / denominator
    const lower = Math.floor(blend ? phase : phase + 0.5)
    const from = x + (<usize>whole << 2)
    const h = filter + <usize>lower * row
    let value = total(dot(from, h, taps))
    if (blend) {
      const upper = total(dot(from, h + row, taps))
      value += <f32>(phase - lower) * (upper - value)
    }
    store<f32>(out + (<usize>i << 2), value)
  }
}
