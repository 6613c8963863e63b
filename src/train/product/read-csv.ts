// A CSV or TSV file → its rows as they come, in bounded memory. Encoding and delimiter are found, not asked for.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Transform } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { DugaError } from '../../errors.ts'

/** Longest row in characters; a file without line ends is not held in memory. */
const MAX_ROW = 1 << 20
const HEAD_BYTES = 1 << 16

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

/**
 * The first row is the header.
 * @throws DugaError training.unreadable, with the line
 */
export async function* readCsv(path: string, signal?: AbortSignal): AsyncGenerator<string[]> {
  const encoding = await detectEncoding(path, signal)
  const parser = parse({
    delimiter: await detectDelimiter(path, encoding),
    bom: true,
    // Files that were put together have more than one kind.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
  })
  const source = createReadStream(path, { signal })
  const text = source.pipe(decoder(encoding))
  source.on('error', (error) => text.destroy(error))
  text.on('error', (error) => parser.destroy(error))
  text.pipe(parser)
  try {
    for await (const row of parser) yield row as string[]
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new DugaError(
      'training.unreadable',
      { file: basename(path), reason: reasonOf(cause as CsvError) },
      { cause },
    )
  } finally {
    source.destroy()
  }
}

/** A byte-order mark, else zeros where UTF-16 has them, else UTF-8 where all of the file is valid, else Windows-1252. */
export async function detectEncoding(path: string, signal?: AbortSignal): Promise<Encoding> {
  const head = await readHead(path)
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  const zeros = [0, 0]
  for (const [i, byte] of head.entries()) if (byte === 0) zeros[i % 2]! += 1
  if (Math.max(...zeros) > head.length / 8) return zeros[1]! > zeros[0]! ? 'utf-16le' : 'utf-16be'
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of createReadStream(path, { signal }))
      utf8.decode(chunk, { stream: true })
    utf8.decode()
    return 'utf-8'
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1252'
    throw error
  }
}

/** Of comma, semicolon, tab and bar the one that the first line has most of. */
async function detectDelimiter(path: string, encoding: Encoding): Promise<string> {
  const head = new TextDecoder(encoding).decode(await readHead(path))
  const line = head.split(/\r?\n|\r/, 1)[0]!.replaceAll(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map((mark) => [mark, line.split(mark).length] as const)
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0]
}

async function readHead(path: string): Promise<Uint8Array> {
  await using file = await open(path)
  const { bytesRead, buffer } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return buffer.subarray(0, bytesRead)
}

function decoder(encoding: Encoding): Transform {
  const text = new TextDecoder(encoding)
  return new Transform({
    transform: (chunk: Uint8Array, _, done) => done(null, text.decode(chunk, { stream: true })),
    flush: (done) => done(null, text.decode()),
  })
}

function reasonOf(error: CsvError): string {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return `a row is longer than ${MAX_ROW} characters`
  return error.message
}
