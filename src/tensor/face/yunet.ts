// From the raw outputs of the YuNet face detector to face boxes. The picture and the network are somebody else's.
// Method: OpenCV's cv::FaceDetectorYN (modules/objdetect/src/face_detect.cpp, postProcess) and cv::dnn::NMSBoxes,
// after W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023). Tested against both.
import type { Tensors } from '../tensor.ts'

/** In pixels of the picture that was looked at; may leave it. */
export interface FaceBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** 0..1 */
  readonly score: number
}

export interface YunetOptions {
  /** Side of the square input in pixels, a multiple of 32. */
  readonly size: number
  /** Least score, 0..1. */
  readonly scoreThreshold?: number
  /** Greatest intersection over union of two faces that are both kept. */
  readonly nmsThreshold?: number
  /** Most candidates that non-maximum suppression looks at. */
  readonly topK?: number
}

const STRIDES = [8, 16, 32] as const

/**
 * Faces, best score first.
 * @param outputs `cls_8` [1, n, 1], `obj_8` [1, n, 1], `bbox_8` [1, n, 4], and the same for 16 and 32,
 *   n = (size / stride)²; other outputs (key points) are not read
 * @throws RangeError where an output is missing or has another length
 */
export function detectedFaces(
  outputs: Tensors,
  { size, scoreThreshold = 0.7, nmsThreshold = 0.3, topK = 5000 }: YunetOptions,
): readonly FaceBox[] {
  const faces = STRIDES.flatMap((stride) => decodeStride(outputs, stride, size, scoreThreshold))
  if (faces.length < 2) return faces
  return suppress(faces, scoreThreshold, nmsThreshold, topK)
}

/** The face of the largest area; the first of equals. Null where there is none. */
export function largestFace(faces: readonly FaceBox[]): FaceBox | null {
  return faces.reduce<FaceBox | null>(
    (best, face) => (best === null || area(face) > area(best) ? face : best),
    null,
  )
}

function decodeStride(
  outputs: Tensors,
  stride: number,
  size: number,
  scoreThreshold: number,
): FaceBox[] {
  const columns = size / stride
  const cells = columns * columns
  const classes = values(outputs, `cls_${stride}`, cells)
  const objects = values(outputs, `obj_${stride}`, cells)
  const boxes = values(outputs, `bbox_${stride}`, cells * 4)
  const faces: FaceBox[] = []
  for (let cell = 0; cell < cells; cell += 1) {
    const score = Math.fround(Math.sqrt(clamp(classes[cell]!) * clamp(objects[cell]!)))
    // Written so that NaN is no face either.
    if (!(score >= scoreThreshold)) continue
    const at = cell * 4
    const width = Math.exp(boxes[at + 2]!) * stride
    const height = Math.exp(boxes[at + 3]!) * stride
    const x = ((cell % columns) + boxes[at]!) * stride - width / 2
    const y = (Math.floor(cell / columns) + boxes[at + 1]!) * stride - height / 2
    faces.push({ x, y, width, height, score })
  }
  return faces
}

function values(outputs: Tensors, name: string, length: number): Float32Array {
  const data = outputs[name]?.data
  if (!(data instanceof Float32Array) || data.length !== length) {
    throw new RangeError(`The face detector has no output "${name}" of ${length} floats`)
  }
  return data
}

/** Greedy, on boxes cut to whole pixels, as OpenCV does it. */
function suppress(
  faces: readonly FaceBox[],
  scoreThreshold: number,
  nmsThreshold: number,
  topK: number,
): FaceBox[] {
  const candidates = faces
    .filter(({ score }) => score > scoreThreshold)
    .sort((a, b) => b.score - a.score)
    .slice(0, topK)
  const kept: FaceBox[] = []
  for (const face of candidates) {
    if (kept.every((other) => overlap(face, other) <= nmsThreshold)) kept.push(face)
  }
  return kept
}

function overlap(first: FaceBox, second: FaceBox): number {
  const [a, b] = [toWholePixels(first), toWholePixels(second)]
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  const common = width > 0 && height > 0 ? width * height : 0
  const union = area(a) + area(b) - common
  return union > 0 ? common / union : 1
}

function toWholePixels({ x, y, width, height, score }: FaceBox): FaceBox {
  const whole = Math.trunc
  return { x: whole(x), y: whole(y), width: whole(width), height: whole(height), score }
}

function area({ width, height }: FaceBox): number {
  return width * height
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1)
}
