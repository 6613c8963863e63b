// The dog service: a picture → the breed of the dog in it.
import { defineService, type FileInput, moduleUrl } from '../../engine/service.ts'
import { type DogAnswer, toAnswer } from './answer.ts'

export const dog = defineService<FileInput, DogAnswer>({
  name: 'dog',
  title: 'Dog-breed classification',
  port: 5000,
  input: 'file',
  execution: 'lane',
  decoder: moduleUrl(import.meta.url, 'decode'),
  answer: toAnswer,
  label: ({ breed }) => breed,
  confidence: ({ confidence }) => confidence,
  fromArgument: (path) => ({ path }),
})
