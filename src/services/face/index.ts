// The face service: a picture → the face in it → real or fake.
import {
  defineService,
  type FileInput,
  moduleUrl,
  type ServiceDefinition,
} from '../../engine/service.ts'
import { type FaceAnswer, toFaceAnswer } from './answer.ts'

/** @param options.threshold `FACE_THRESHOLD`: overrides each version's own, 0..1 */
export function defineFace({
  threshold = null,
}: {
  readonly threshold?: number | null
} = {}): ServiceDefinition<FileInput, FaceAnswer> {
  return defineService<FileInput, FaceAnswer>({
    name: 'face',
    title: 'Face anti-spoofing',
    port: 5009,
    input: 'file',
    execution: 'lane',
    decoder: moduleUrl(import.meta.url, 'decode'),
    answer: (outputs, context) => toFaceAnswer(outputs, context, threshold),
    label: ({ prediction }) => prediction,
    confidence: ({ confidence }) => confidence,
    fromArgument: (path) => ({ path }),
  })
}
