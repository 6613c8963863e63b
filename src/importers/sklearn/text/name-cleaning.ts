// How names become the text that a vectoriser was fitted on. A pipeline was fitted on names as they are; a vectoriser in a
// file of its own comes from the old product service, which cleaned them first.
import { readFile } from 'node:fs/promises'
import type { CleanOptions } from '../../../tensor/text/clean.ts'
import { ENGLISH_STOP_WORDS } from '../../../tensor/text/stop-words.ts'
import type { Imported } from '../../importer.ts'

export type NameCleaning = Pick<Imported, 'decode' | 'files' | 'notices'>

export const NAMES_AS_THEY_ARE: NameCleaning = {
  decode: { clean: null, lemmas: false },
  files: {},
  notices: [],
}

/** Lower case, no punctuation, no stop words, no one-letter tokens, lemmas. */
const OLD: CleanOptions = {
  nfkc: false,
  punctuation: 'remove',
  splitDigits: false,
  minLength: 2,
  stopWords: ENGLISH_STOP_WORDS,
}
const NOUNS = new URL('../../../../models/product/data/wordnet-nouns.txt.gz', import.meta.url)

/** WordNet's nouns, as a file of a version. */
export async function readNouns(): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  return { name: 'wordnet-nouns.txt.gz', bytes: new Uint8Array(await readFile(NOUNS)) }
}

export async function oldNames(): Promise<NameCleaning> {
  return {
    decode: { clean: { ...OLD }, lemmas: true },
    files: { lemmas: await readNouns() },
    notices: [
      'Names are cleaned as the old product service did before its vectoriser: lower case, punctuation removed, English ' +
        'stop words and one-letter words dropped, nouns to their base form. Where the vectoriser was fitted on other text, ' +
        'say so: --set clean=null for names as they are, --set lemmas=false for no base forms.',
    ],
  }
}
