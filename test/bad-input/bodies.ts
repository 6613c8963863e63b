// Bodies that no route wants: not JSON, not of the declared type, too deep, too large, of the wrong shape.

export interface BadBody {
  readonly name: string
  readonly type: string | null
  readonly body: string | Uint8Array | null
  /** unreadable: not what the type says; mistyped: a type that nobody takes; wrong: readable; large: over the limit. */
  readonly kind: 'none' | 'unreadable' | 'mistyped' | 'wrong' | 'large'
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const MEGABYTE = 1024 * 1024

const json = (name: string, kind: BadBody['kind'], body: string | Uint8Array): BadBody => {
  return { name, kind, type: JSON_TYPE, body }
}

const point = (x: string): string =>
  `{"x_accelerometer_data":${x},"y_accelerometer_data":0,"z_accelerometer_data":1,"acceleration_accelerometer_data":1}`

/** A body with a field of every route, all of one value. */
const everywhere = (value: string): string =>
  `{${[
    'url filename data_dir username password new_password product_name new_data_path data inputs id',
    'name scope force replace epochs batch_size grant_type client_id client_secret device_id',
  ]
    .flatMap((names) => names.split(' '))
    .map((name) => `"${name}":${value}`)
    .join(',')}}`

export const BAD_BODIES: readonly BadBody[] = [
  { name: 'no body', kind: 'none', type: null, body: null },
  json('an empty JSON body', 'unreadable', ''),
  json('half of an object', 'unreadable', '{"data": [1, 2'),
  json('NaN', 'unreadable', `{"data":[${Array(24).fill(point('NaN')).join(',')}]}`),
  json('Infinity', 'unreadable', `{"data":[${Array(24).fill(point('-Infinity')).join(',')}]}`),
  json('not UTF-8', 'unreadable', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0xc0, 0x22])),
  json('NUL bytes', 'unreadable', '\0\0\0\0'),
  json('a prototype', 'unreadable', '{"__proto__":{"admin":true},"data":[]}'),
  json('a constructor', 'unreadable', '{"constructor":{"prototype":{"admin":true}}}'),
  json('10,000 levels', 'wrong', `{"data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
  json('10,000 objects', 'wrong', `${'{"data":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
  json('null', 'wrong', 'null'),
  json('an array', 'wrong', '[1,2,3]'),
  json('a number', 'wrong', '7'),
  json('a string', 'wrong', '"text"'),
  json('an empty object', 'wrong', '{}'),
  json('numbers for everything', 'wrong', everywhere('-1')),
  json('objects for everything', 'wrong', everywhere('{"a":[]}')),
  json('null for everything', 'wrong', everywhere('null')),
  json('1e999 for everything', 'wrong', everywhere('1e999')),
  json('strings for numbers', 'wrong', `{"data":[${Array(24).fill(point('"0.5"')).join(',')}]}`),
  json('a key twice', 'wrong', '{"data":[],"data":{}}'),
  json('10 MB of text', 'large', Buffer.from(`{"url":"${'a'.repeat(10 * MEGABYTE)}"}`)),
  { name: 'XML', kind: 'mistyped', type: 'application/xml', body: '<data/>' },
  { name: 'a type that is none', kind: 'mistyped', type: '][;', body: 'x' },
  { name: 'text', kind: 'mistyped', type: 'text/plain', body: 'data=1' },
  { name: 'a form', kind: 'wrong', type: FORM_TYPE, body: '__proto__=1&a=%ZZ&data=1&data=2' },
  { name: 'a large form', kind: 'large', type: FORM_TYPE, body: `a=${'b'.repeat(2 * MEGABYTE)}` },
  { name: 'multipart without boundary', kind: 'mistyped', type: 'multipart/form-data', body: 'x' },
  {
    name: 'multipart of nothing',
    kind: 'unreadable',
    type: 'multipart/form-data; boundary=x',
    body: 'nothing',
  },
]
