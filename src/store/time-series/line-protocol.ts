// InfluxDB's line protocol: a point as text. https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/

export interface Point {
  readonly measurement: string
  /** A tag without a value is left out, as the protocol has none. */
  readonly tags: Readonly<Record<string, string | null>>
  /** At least one; numbers are floats and finite. */
  readonly fields: Readonly<Record<string, number | boolean | string>>
  /** Microseconds since the Unix epoch. */
  readonly micros: number
}

/** One line without its end, its time in nanoseconds. */
export function toLine({ measurement, tags, fields, micros }: Point): string {
  const series = Object.entries(tags)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `,${escapeKey(key)}=${escapeKey(value!)}`)
    .join('')
  const values = Object.entries(fields).map(([key, value]) => `${escapeKey(key)}=${toValue(value)}`)
  return `${escapeName(measurement)}${series} ${values.join(',')} ${micros}000`
}

function toValue(value: number | boolean | string): string {
  if (typeof value === 'string') return `"${oneLine(value).replaceAll(/["\\]/g, '\\$&')}"`
  return String(value)
}

function escapeName(text: string): string {
  return oneLine(text).replaceAll(/[, ]/g, '\\$&')
}

/** Keys and values of tags, keys of fields. */
function escapeKey(text: string): string {
  // A backslash escapes only what needs it, so one at the end would escape what follows.
  const safe = oneLine(text).replace(/\\+$/, (slashes) => '/'.repeat(slashes.length))
  return safe.replaceAll(/[,= ]/g, '\\$&')
}

/** The protocol cannot hold a line's end in a key. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to go
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
}
