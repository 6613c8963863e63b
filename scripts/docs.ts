// Writes what the documentation says of tables in the source: docs/errors.md and the README's settings.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SETTINGS } from '../src/config.ts'
import { ERRORS } from '../src/errors.ts'

/** docs/errors.md as the error table has it. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, en, id, help }]) => row([`\`${code}\``, String(status), en, id, help]))
  return [
    '# Errors',
    '',
    'Every error that a client may see, made from `src/errors.ts` by `npm run docs`. The old APIs show some',
    'of them in their own words; `/manage` and all else answer problem details (RFC 9457) with the code.',
    '',
    row(['code', 'status', 'message', 'pesan', 'what to do']),
    row(['---', '---', '---', '---', '---']),
    ...rows,
    '',
  ].join('\n')
}

/** The README's settings table. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map(({ name, shows, about }) =>
    row([`\`${name}\``, shows, about]),
  )
  return [row(['setting', 'default', 'meaning']), row(['---', '---', '---']), ...rows].join('\n')
}

const START = '<!-- settings: made by npm run docs -->'
const END = '<!-- /settings -->'

/** The README with its settings table brought up to date. */
export function readmeWithSettings(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start === -1 || end < start)
    throw new Error('README.md lacks the marks of the settings table')
  return `${readme.slice(0, start + START.length)}\n${settingsTable()}\n${readme.slice(end)}`
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync('docs/errors.md', errorsPage())
  writeFileSync('README.md', readmeWithSettings(readFileSync('README.md', 'utf8')))
}
