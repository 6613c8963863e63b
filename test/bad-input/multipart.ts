// Multipart bodies by hand, so that they can be wrong.

export interface Part {
  readonly name: string
  /** A part with one is a file. */
  readonly filename?: string
  readonly type?: string
  readonly content: string | Uint8Array
}

export interface MultipartOptions {
  /** Leaves the closing line out. */
  readonly unfinished?: boolean
  /** The boundary that the content type announces, where it is not the one used. */
  readonly announced?: string
  /** Of the headers of the parts. */
  readonly encoding?: 'utf8' | 'latin1'
}

const BOUNDARY = 'a-line-that-is-in-no-file'

export function toMultipart(
  parts: readonly Part[],
  { unfinished = false, announced = BOUNDARY, encoding = 'utf8' }: MultipartOptions = {},
): { readonly body: Buffer; readonly type: string } {
  const pieces = parts.flatMap(({ name, filename, type, content }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const declared = type === undefined ? '' : `content-type: ${type}\r\n`
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n${declared}\r\n`
    return [Buffer.from(head, encoding), Buffer.from(content), Buffer.from('\r\n')]
  })
  const end = Buffer.from(unfinished ? '' : `--${BOUNDARY}--\r\n`)
  return {
    body: Buffer.concat([...pieces, end]),
    type: `multipart/form-data; boundary=${announced}`,
  }
}
