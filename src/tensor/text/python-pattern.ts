// Python regular expressions of scikit-learn and NLTK tokenisers → JavaScript ones with the same Unicode meaning.
// Covers what token patterns use: classes, \w \W \d \s \b, groups. Refuses what it cannot keep the meaning of.

const WORD = '\\p{L}\\p{N}_'
const BOUNDARY = `(?:(?<![${WORD}])(?=[${WORD}])|(?<=[${WORD}])(?![${WORD}]))`
const NOT_BOUNDARY = `(?:(?<![${WORD}])(?![${WORD}])|(?<=[${WORD}])(?=[${WORD}]))`
const SPACE = '\\s\\x1c-\\x1f\\x85'
const OUTSIDE: Readonly<Record<string, string>> = {
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: `[${SPACE}]`,
  S: `[^${SPACE}]`,
  b: BOUNDARY,
  B: NOT_BOUNDARY,
}

/**
 * @param pattern a Python 3 `str` pattern, such as `(?u)\b\w\w+\b`
 * @returns a global expression in `v` mode
 * @throws SyntaxError for a construct with another meaning in JavaScript (inline flags, possessive quantifiers …)
 */
export function fromPythonPattern(pattern: string): RegExp {
  const body = pattern.replace(/^\(\?u\)/, '')
  if (/\(\?(?![:=!]|<[=!])|\\[AZgGzkNuUpP]|[*+?}]\+/.test(body.replaceAll('\\\\', ''))) {
    throw new SyntaxError(`The token pattern ${pattern} has no equal in JavaScript.`)
  }
  let out = ''
  let inClass = false
  for (let i = 0; i < body.length; i++) {
    const c = body[i] as string
    if (c === '\\') {
      i += 1
      out += toUnicodeEscape(body[i] ?? '', inClass)
    } else if (inClass) {
      inClass = c !== ']' || /\[\^?$/.test(out)
      out += inClass && isLiteral(c, body[i - 1], body[i + 1]) ? `\\${c}` : c
    } else {
      inClass = c === '['
      out += c
    }
  }
  return new RegExp(out, 'gv')
}

/** Whether a character of a class means itself in Python but something else in `v` mode. */
function isLiteral(c: string, before = '', after = ''): boolean {
  if (c === '-') return !/[a-zA-Z0-9]/.test(before) || !/[a-zA-Z0-9]/.test(after)
  return '()[]{}/|&!#$%*+,.:;<=>?@`~'.includes(c)
}

function toUnicodeEscape(letter: string, inClass: boolean): string {
  const mapped = OUTSIDE[letter]
  if (mapped === undefined) {
    return /[a-z0-9]/i.test(letter) || /[\^$\\.*+?()[\]{}|/-]/.test(letter) ? `\\${letter}` : letter
  }
  if (inClass && (letter === 'b' || letter === 'B')) return '\\x08'
  return mapped
}
