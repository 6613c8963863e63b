;; Inner loops of picture resizing: Pillow's two-pass convolution and OpenCV's bilinear, 8 bits a channel, RGB.
;; Addresses, tables and padding are laid out by ../convolve.ts and ../resize-linear.ts. Built by scripts/build-kernels.ts.
;;
;; A coefficient of 22 fraction bits is split into high * 2^11 + low, both 16-bit, so that two 16-bit
;; dot products give the exact 32-bit sum (modulo 2^32, as in C).
(module
  (memory (export "memory") 1)

  ;; Rearranges four rows of RGB for $horizontal: for each pair of pixels (x, x+1) 24 bytes:
  ;; R of row 0 at x, x+1, R of row 1 at x, x+1, … row 3; then G; then B. Takes four pixels a turn.
  (func (export "pack") (param $src i32) (param $stride i32) (param $dst i32) (param $turns i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $ab v128) (local $cd v128) (local $s3 i32)
    (local.set $s3 (i32.mul (local.get $stride) (i32.const 3)))
    (loop $next
      (local.set $a (call $pairs (v128.load (local.get $src))))
      (local.set $b (call $pairs (v128.load (i32.add (local.get $src) (local.get $stride)))))
      (local.set $c (call $pairs
        (v128.load (i32.add (local.get $src) (i32.shl (local.get $stride) (i32.const 1))))))
      (local.set $d (call $pairs (v128.load (i32.add (local.get $src) (local.get $s3)))))
      (local.set $ab
        (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $a) (local.get $b)))
      (local.set $cd
        (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $c) (local.get $d)))
      (v128.store (local.get $dst)
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $ab) (local.get $cd)))
      (v128.store offset=16 (local.get $dst)
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31
          (local.get $ab) (local.get $cd)))
      (local.set $ab
        (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $a) (local.get $b)))
      (local.set $cd
        (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $c) (local.get $d)))
      (v128.store offset=32 (local.get $dst)
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $ab) (local.get $cd)))
      (local.set $src (i32.add (local.get $src) (i32.const 12)))
      (local.set $dst (i32.add (local.get $dst) (i32.const 48)))
      (br_if $next (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))

  ;; RGBRGB… of four pixels → RR GG BB of the first two, then of the other two.
  (func $pairs (param $v v128) (result v128)
    (i8x16.shuffle 0 3 1 4 2 5 6 9 7 10 8 11 12 13 14 15 (local.get $v) (local.get $v)))

  ;; high * 2^11 + low, rounded and shifted down by 22 bits.
  (func $round (param $high v128) (param $low v128) (result v128)
    (i32x4.shr_s
      (i32x4.add
        (i32x4.add (i32x4.shl (local.get $high) (i32.const 11)) (local.get $low))
        (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
      (i32.const 22)))

  ;; One output row of four input rows at once. $table has for each output pixel: offset of its first pair in
  ;; $packed, number of pairs; $weights, pair after pair: two high parts, two low parts.
  ;; Writes 3 bytes a pixel at $out and, $stride further, for each of the other rows; touches one byte beyond.
  (func (export "horizontal") (param $packed i32) (param $table i32) (param $weights i32)
      (param $out i32) (param $stride i32) (param $count i32)
    (local $p i32) (local $end i32) (local $s3 i32) (local $h v128) (local $l v128) (local $v v128)
    (local $rh v128) (local $rl v128) (local $gh v128) (local $gl v128) (local $bh v128)
    (local $bl v128)
    (local.set $s3 (i32.mul (local.get $stride) (i32.const 3)))
    (loop $pixel
      (local.set $p (i32.add (local.get $packed) (i32.load (local.get $table))))
      (local.set $end (i32.add (local.get $weights)
        (i32.shl (i32.load offset=4 (local.get $table)) (i32.const 3))))
      (local.set $rh (v128.const i64x2 0 0))
      (local.set $rl (v128.const i64x2 0 0))
      (local.set $gh (v128.const i64x2 0 0))
      (local.set $gl (v128.const i64x2 0 0))
      (local.set $bh (v128.const i64x2 0 0))
      (local.set $bl (v128.const i64x2 0 0))
      (loop $tap
        (local.set $h (v128.load32_splat (local.get $weights)))
        (local.set $l (v128.load32_splat offset=4 (local.get $weights)))
        (local.set $v (v128.load8x8_u (local.get $p)))
        (local.set $rh (i32x4.add (local.get $rh) (i32x4.dot_i16x8_s (local.get $v) (local.get $h))))
        (local.set $rl (i32x4.add (local.get $rl) (i32x4.dot_i16x8_s (local.get $v) (local.get $l))))
        (local.set $v (v128.load8x8_u offset=8 (local.get $p)))
        (local.set $gh (i32x4.add (local.get $gh) (i32x4.dot_i16x8_s (local.get $v) (local.get $h))))
        (local.set $gl (i32x4.add (local.get $gl) (i32x4.dot_i16x8_s (local.get $v) (local.get $l))))
        (local.set $v (v128.load8x8_u offset=16 (local.get $p)))
        (local.set $bh (i32x4.add (local.get $bh) (i32x4.dot_i16x8_s (local.get $v) (local.get $h))))
        (local.set $bl (i32x4.add (local.get $bl) (i32x4.dot_i16x8_s (local.get $v) (local.get $l))))
        (local.set $p (i32.add (local.get $p) (i32.const 24)))
        (local.set $weights (i32.add (local.get $weights) (i32.const 8)))
        (br_if $tap (i32.lt_u (local.get $weights) (local.get $end))))
      (local.set $v (call $round (local.get $bh) (local.get $bl)))
      (local.set $v
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (call $round (local.get $rh) (local.get $rl))
            (call $round (local.get $gh) (local.get $gl)))
          (i16x8.narrow_i32x4_s (local.get $v) (local.get $v))))
      (local.set $v
        (i8x16.shuffle 0 4 8 0 1 5 9 0 2 6 10 0 3 7 11 0 (local.get $v) (local.get $v)))
      (v128.store32_lane 0 (local.get $out) (local.get $v))
      (v128.store32_lane 1 (i32.add (local.get $out) (local.get $stride)) (local.get $v))
      (v128.store32_lane 2
        (i32.add (local.get $out) (i32.shl (local.get $stride) (i32.const 1))) (local.get $v))
      (v128.store32_lane 3 (i32.add (local.get $out) (local.get $s3)) (local.get $v))
      (local.set $out (i32.add (local.get $out) (i32.const 3)))
      (local.set $table (i32.add (local.get $table) (i32.const 8)))
      (br_if $pixel (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; One output row of $pairs pairs of rows from $src on; $blocks times 16 bytes. $weights as above.
  (func (export "vertical") (param $src i32) (param $stride i32) (param $weights i32)
      (param $pairs i32) (param $out i32) (param $blocks i32)
    (local $p i32) (local $w i32) (local $end i32) (local $h v128) (local $l v128) (local $a v128)
    (local $b v128) (local $v v128) (local $h0 v128) (local $h1 v128) (local $h2 v128)
    (local $h3 v128) (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
    (local.set $end (i32.add (local.get $weights) (i32.shl (local.get $pairs) (i32.const 3))))
    (loop $block
      (local.set $p (local.get $src))
      (local.set $w (local.get $weights))
      (local.set $h0 (v128.const i64x2 0 0))
      (local.set $h1 (v128.const i64x2 0 0))
      (local.set $h2 (v128.const i64x2 0 0))
      (local.set $h3 (v128.const i64x2 0 0))
      (local.set $l0 (v128.const i64x2 0 0))
      (local.set $l1 (v128.const i64x2 0 0))
      (local.set $l2 (v128.const i64x2 0 0))
      (local.set $l3 (v128.const i64x2 0 0))
      (loop $tap
        (local.set $h (v128.load32_splat (local.get $w)))
        (local.set $l (v128.load32_splat offset=4 (local.get $w)))
        (local.set $a (v128.load (local.get $p)))
        (local.set $p (i32.add (local.get $p) (local.get $stride)))
        (local.set $b (v128.load (local.get $p)))
        (local.set $p (i32.add (local.get $p) (local.get $stride)))
        (local.set $v
          (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $a) (local.get $b)))
        (local.set $b
          (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $a) (local.get $b)))
        (local.set $a (i16x8.extend_low_i8x16_u (local.get $v)))
        (local.set $h0 (i32x4.add (local.get $h0) (i32x4.dot_i16x8_s (local.get $a) (local.get $h))))
        (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $a) (local.get $l))))
        (local.set $a (i16x8.extend_high_i8x16_u (local.get $v)))
        (local.set $h1 (i32x4.add (local.get $h1) (i32x4.dot_i16x8_s (local.get $a) (local.get $h))))
        (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $a) (local.get $l))))
        (local.set $a (i16x8.extend_low_i8x16_u (local.get $b)))
        (local.set $h2 (i32x4.add (local.get $h2) (i32x4.dot_i16x8_s (local.get $a) (local.get $h))))
        (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $a) (local.get $l))))
        (local.set $a (i16x8.extend_high_i8x16_u (local.get $b)))
        (local.set $h3 (i32x4.add (local.get $h3) (i32x4.dot_i16x8_s (local.get $a) (local.get $h))))
        (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $a) (local.get $l))))
        (br_if $tap
          (i32.lt_u (local.tee $w (i32.add (local.get $w) (i32.const 8))) (local.get $end))))
      (v128.store (local.get $out)
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (call $round (local.get $h0) (local.get $l0))
            (call $round (local.get $h1) (local.get $l1)))
          (i16x8.narrow_i32x4_s
            (call $round (local.get $h2) (local.get $l2))
            (call $round (local.get $h3) (local.get $l3)))))
      (local.set $src (i32.add (local.get $src) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $block (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1))))))

  ;; OpenCV's horizontal bilinear pass of one row: $table has for each output pixel its byte offset in $src and
  ;; two 11-bit weights. Writes 16-bit sums, already shifted down by 4; touches 2 bytes beyond.
  (func (export "linearRow") (param $src i32) (param $table i32) (param $out i32) (param $count i32)
    (local $v v128)
    (loop $pixel
      (local.set $v
        (i32x4.shr_s
          (i32x4.dot_i16x8_s
            (i8x16.swizzle
              (v128.load64_zero (i32.add (local.get $src) (i32.load (local.get $table))))
              (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
            (v128.load32_splat offset=4 (local.get $table)))
          (i32.const 4)))
      (v128.store64_lane 0 (local.get $out) (i16x8.narrow_i32x4_s (local.get $v) (local.get $v)))
      (local.set $out (i32.add (local.get $out) (i32.const 6)))
      (local.set $table (i32.add (local.get $table) (i32.const 8)))
      (br_if $pixel (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; OpenCV's vertical bilinear pass: ((upper * w0 >> 16) + (lower * w1 >> 16) + 2) >> 2, 8 bytes a turn.
  (func (export "linearBlend") (param $upper i32) (param $lower i32) (param $w0 i32) (param $w1 i32)
      (param $out i32) (param $turns i32)
    (local $a v128) (local $b v128) (local $w v128) (local $x v128)
    (local.set $w (i16x8.splat (local.get $w0)))
    (local.set $x (i16x8.splat (local.get $w1)))
    (loop $next
      (local.set $a (v128.load (local.get $upper)))
      (local.set $b (v128.load (local.get $lower)))
      (local.set $a
        (i16x8.narrow_i32x4_s
          (i32x4.add
            (i32x4.shr_s (i32x4.extmul_low_i16x8_s (local.get $a) (local.get $w)) (i32.const 16))
            (i32x4.shr_s (i32x4.extmul_low_i16x8_s (local.get $b) (local.get $x)) (i32.const 16)))
          (i32x4.add
            (i32x4.shr_s (i32x4.extmul_high_i16x8_s (local.get $a) (local.get $w)) (i32.const 16))
            (i32x4.shr_s (i32x4.extmul_high_i16x8_s (local.get $b) (local.get $x)) (i32.const 16)))))
      (local.set $a
        (i16x8.shr_s (i16x8.add (local.get $a) (v128.const i16x8 2 2 2 2 2 2 2 2)) (i32.const 2)))
      (v128.store64_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $a) (local.get $a)))
      (local.set $upper (i32.add (local.get $upper) (i32.const 16)))
      (local.set $lower (i32.add (local.get $lower) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 8)))
      (br_if $next (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))))
