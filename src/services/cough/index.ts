// The cough service: a recording → the class of its sound (dry or wet cough, or none, for the
// models that users have).
import { defineService, type FileInput, moduleUrl } from '../../engine/service.ts'
import { type CoughAnswer, toAnswer } from './answer.ts'

export const cough = defineService<FileInput, CoughAnswer>({
  name: 'cough',
  title: 'Cough classification',
  port: 8000,
  input: 'file',
  execution: 'lane',
  decoder: moduleUrl(import.meta.url, 'decode'),
  answer: toAnswer,
  label: ({ prediction }) => prediction,
  confidence: ({ confidence }) => confidence,
  fromArgument: (path) => ({ path }),
})
