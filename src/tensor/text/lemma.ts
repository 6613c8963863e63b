// WordNet's noun lemmas as NLTK's WordNetLemmatizer().lemmatize(word) gives them: exceptions, else suffix rules,
// kept where WordNet knows the result, the shortest wins. The word list comes from outside.

export interface NounDictionary {
  /** Every single-word noun of WordNet, lower case. */
  readonly nouns: ReadonlySet<string>
  /** Irregular plural → its singulars, from noun.exc. */
  readonly exceptions: ReadonlyMap<string, readonly string[]>
}

const DETACHMENTS: readonly (readonly [string, string])[] = [
  ['s', ''],
  ['ses', 's'],
  ['ves', 'f'],
  ['xes', 'x'],
  ['zes', 'z'],
  ['ches', 'ch'],
  ['shes', 'sh'],
  ['men', 'man'],
  ['ies', 'y'],
]

/** Returns the function from a lower-case token to its lemma; a token that WordNet does not know stays as it is. */
export function createNounLemmatiser({
  nouns,
  exceptions,
}: NounDictionary): (token: string) => string {
  return (token) => {
    let best: string | null = nouns.has(token) ? token : null
    for (const form of exceptions.get(token) ?? detach(token)) {
      if (nouns.has(form) && (best === null || form.length < best.length)) best = form
    }
    return best ?? token
  }
}

/**
 * Reads the dictionary's text form: one noun a line, then an empty line, then `plural singular …` lines.
 * A noun line starts with a digit, the length of the prefix shared with the line before, in base 36.
 */
export function parseNounDictionary(text: string): NounDictionary {
  const [list = '', irregular = ''] = text.split('\n\n')
  const nouns = new Set<string>()
  let previous = ''
  for (const line of list.split('\n')) {
    previous = previous.slice(0, Number.parseInt(line[0] ?? '0', 36)) + line.slice(1)
    nouns.add(previous)
  }
  const exceptions = new Map<string, readonly string[]>()
  for (const line of irregular.split('\n')) {
    const [plural, ...singulars] = line.split(' ')
    if (plural !== undefined && singulars.length > 0) exceptions.set(plural, singulars)
  }
  return { nouns, exceptions }
}

/** The text form that {@link parseNounDictionary} reads; nouns must be sorted. */
export function formatNounDictionary(dictionary: {
  readonly nouns: readonly string[]
  readonly exceptions: readonly (readonly string[])[]
}): string {
  let previous = ''
  const lines = dictionary.nouns.map((noun) => {
    let shared = 0
    while (shared < 35 && shared < noun.length && noun[shared] === previous[shared]) shared += 1
    previous = noun
    return shared.toString(36) + noun.slice(shared)
  })
  return `${lines.join('\n')}\n\n${dictionary.exceptions.map((entry) => entry.join(' ')).join('\n')}\n`
}

function detach(token: string): string[] {
  const forms: string[] = []
  for (const [ending, base] of DETACHMENTS) {
    if (token.endsWith(ending)) forms.push(token.slice(0, -ending.length) + base)
  }
  return forms
}
