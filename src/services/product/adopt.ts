// A user's scikit-learn text model as a version of the product service: a name in, a probability a category out.
import { type Adopt, checkLabels, classesOf, onlyModel, unfit } from '../../importers/adopt.ts'
import type { ImportedModel } from '../../importers/import-files.ts'
import { readNouns } from '../../importers/sklearn/text/name-cleaning.ts'
import type { Json } from '../../json.ts'
import { checkCleanOptions } from '../../tensor/text/clean.ts'

const BATCH = 256

/**
 * Settings: `clean` (null: names go to the vectoriser as they are; an object: what it says of the cleaning, the rest as it
 * is), `lemmas`.
 *
 * @throws DugaError model.unfit
 */
export const adopt: Adopt = async ({ models, labels, settings }) => {
  const model = onlyModel('product', models)
  checkPorts(model)
  const names = checkLabels('product', labels ?? model.labels, classesOf('product', model))
  const decode = { ...model.decode, ...settings, ...cleaningOf(model, settings) }
  const { lemmas: nouns, ...others } = model.files
  return {
    model,
    labels: names,
    decode,
    answer: model.answer,
    files: decode.lemmas === true ? { ...others, lemmas: nouns ?? (await readNouns()) } : others,
    maxBatch: BATCH,
    // What was said needs no guess.
    notices: [],
  }
}

function checkPorts({ inputs, outputs, files }: ImportedModel): void {
  const taken = inputs.map(({ name }) => name).join()
  if (taken !== 'ids,weights' || files.vocabulary === undefined) {
    throw unfit('product', 'it does not begin with a vectoriser of texts')
  }
  if (outputs[0]?.name !== 'probabilities') {
    throw unfit('product', 'it answers neither with probabilities nor with margins of its classes')
  }
}

function cleaningOf(
  { decode }: ImportedModel,
  settings: Readonly<Record<string, Json>>,
): { readonly clean: Json; readonly lemmas: boolean } {
  const { clean = decode.clean ?? null, lemmas = decode.lemmas ?? false } = settings
  if (typeof lemmas !== 'boolean') throw unfit('product', 'lemmas is neither true nor false')
  if (clean === null) return { clean, lemmas: false }
  const whole = { ...DEFAULTS, ...asObject(decode.clean), ...asObject(clean) }
  const wrong = checkCleanOptions(whole)
  if (typeof clean !== 'object' || wrong !== null) {
    throw unfit(
      'product',
      `clean is neither null nor an object that says how: ${wrong ?? 'it is a value'}`,
    )
  }
  return { clean: whole, lemmas }
}

const DEFAULTS = {
  nfkc: false,
  punctuation: 'remove',
  splitDigits: false,
  minLength: 1,
  stopWords: [] as readonly string[],
}

const asObject = (value: Json | undefined): { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })
    : {}
