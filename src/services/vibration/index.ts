// The vibration service: 24 accelerometer points → reconstruction error → anomaly or not.
import { readFile } from 'node:fs/promises'
import { defineService, moduleUrl } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import { toAnswer, type VibrationAnswer } from './answer.ts'
import type { VibrationInput } from './input.ts'

export const vibration = defineService<VibrationInput, VibrationAnswer>({
  name: 'vibration',
  title: 'Vibration anomaly detection',
  port: 8000,
  input: 'json',
  execution: 'inline',
  decoder: moduleUrl(import.meta.url, 'decode'),
  answer: toAnswer,
  label: ({ anomaly_status }) => (anomaly_status ? 'anomaly' : 'normal'),
  confidence: () => null,
  fromArgument: async (argument) => {
    const text = argument.trimStart().startsWith('{') ? argument : await readFile(argument, 'utf8')
    try {
      return JSON.parse(text) as VibrationInput
    } catch (cause) {
      throw new DugaError('input.invalid', { reason: 'it is not JSON' }, { cause })
    }
  },
})
