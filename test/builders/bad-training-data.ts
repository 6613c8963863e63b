// Data that a training cannot use, or can use only in part: what each is, and what becomes of it.
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zipSync } from 'fflate'

export interface BadData {
  readonly service: 'cough' | 'dog' | 'product' | 'vibration'
  readonly name: string
  /** Writes it into an empty folder. @returns the path that the call names, where it is not the folder */
  readonly write: (folder: string) => Promise<string | undefined> | Promise<void>
  /** Code of the error; null where the training goes through. */
  readonly code: string | null
  /** What the message, or one of the notices, says. */
  readonly says: RegExp
}

const DAMAGED = Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt damaged', 'latin1')

/** Files of a service's kind in class folders: so many in each. */
async function fill(
  folder: string,
  kind: 'cough' | 'dog',
  classes: Readonly<Record<string, number>>,
) {
  for (const [label, count] of Object.entries(classes)) {
    await mkdir(join(folder, label), { recursive: true })
    for (let i = 0; i < count; i += 1) {
      const source = kind === 'cough' ? 'examples/cough.wav' : 'examples/dog.jpg'
      await copyFile(source, join(folder, label, `${i}${kind === 'cough' ? '.wav' : '.jpg'}`))
    }
  }
}

const file =
  (name: string, content: string | Uint8Array) =>
  async (folder: string): Promise<string> => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }

const names = (categories: readonly string[], each: number): string =>
  categories
    .flatMap((category, c) =>
      Array.from(
        { length: each },
        (_, i) => `barang ${'abcdefghij'[c]}${'klmnopqrst'[i]}o,${category}`,
      ),
    )
    .join('\n')

const media = (['cough', 'dog'] as const).flatMap((service): BadData[] => [
  {
    ...{ service, name: 'an empty folder', code: 'training.no-files' },
    write: async () => {},
    says: /holds no (pictures|recordings) in class folders/,
  },
  {
    ...{ service, name: 'class folders without files', code: 'training.no-files' },
    write: (folder) => fill(folder, service, { a: 0, b: 0 }),
    says: /holds no/,
  },
  {
    ...{ service, name: 'files without a class folder', code: 'training.no-files' },
    write: async (folder) => {
      await fill(folder, service, { '.': 3 })
    },
    says: /holds no/,
  },
  {
    ...{ service, name: 'one class', code: 'training.one-class' },
    write: (folder) => fill(folder, service, { only: 4 }),
    says: /All rows are of the category only/,
  },
  {
    ...{ service, name: 'one file a class', code: 'training.too-few-rows' },
    write: (folder) => fill(folder, service, { a: 1, b: 1 }),
    says: /category a has 1 usable rows; at least 3 are needed/,
  },
  {
    ...{ service, name: 'a class of two spellings is one class', code: 'training.one-class' },
    write: (folder) => fill(folder, service, { Dry: 2, 'dry ': 2, DRY: 1 }),
    says: /All rows are of the category/,
  },
  {
    ...{ service, name: 'files of another kind', code: 'training.no-files' },
    write: (folder) => fill(folder, service === 'dog' ? 'cough' : 'dog', { a: 3, b: 3 }),
    says: /holds no/,
  },
  {
    ...{ service, name: 'a file in place of a folder', code: 'training.unreadable' },
    write: file('set.zip', 'PK'),
    says: /set\.zip could not be read/,
  },
  {
    ...{ service, name: 'nothing there', code: 'training.unreadable' },
    write: async (folder) => join(folder, 'absent'),
    says: /absent could not be read: it is not there/,
  },
])

const tables: readonly BadData[] = [
  {
    ...{ service: 'product', name: 'an empty file', code: 'training.no-rows' },
    write: file('x.csv', ''),
    says: /x\.csv has no usable row/,
  },
  {
    ...{ service: 'product', name: 'a header alone', code: 'training.no-rows' },
    write: file('x.csv', 'name,category\n'),
    says: /no usable row/,
  },
  {
    ...{ service: 'product', name: 'an empty folder', code: 'training.unreadable' },
    write: async () => {},
    says: /no \.xlsx or \.csv file/,
  },
  {
    ...{ service: 'product', name: 'wrong column names', code: 'training.columns' },
    write: file('x.csv', 'barang,kelas\nsusu,Susu\n'),
    says: /no column for the product name; it has: barang, kelas/,
  },
  {
    ...{ service: 'product', name: 'one category', code: 'training.one-class' },
    write: file('x.csv', `name,category\n${names(['Satu'], 8)}`),
    says: /All rows are of the category Satu/,
  },
  {
    ...{ service: 'product', name: 'one row a category', code: 'training.too-few-rows' },
    write: file('x.csv', `name,category\n${names(['Satu', 'Dua'], 1)}`),
    says: /has 1 usable rows/,
  },
  {
    ...{ service: 'product', name: 'names without a word', code: 'training.no-rows' },
    write: file('x.csv', 'name,category\n...,Satu\n!!!,Dua\n'),
    says: /no usable row/,
  },
  {
    ...{ service: 'product', name: 'a picture named .csv', code: 'training.columns' },
    write: async (folder) => {
      await copyFile('examples/dog.jpg', join(folder, 'x.csv'))
      return join(folder, 'x.csv')
    },
    says: /no column for the product name/,
  },
  {
    ...{ service: 'product', name: 'a workbook that is cut off', code: 'training.unreadable' },
    write: file(
      'x.xlsx',
      zipSync({ 'xl/worksheets/sheet1.xml': Buffer.alloc(5000) }).subarray(0, 80),
    ),
    says: /x\.xlsx could not be read: it is not an \.xlsx workbook/,
  },
  {
    ...{ service: 'product', name: 'labels with spaces and in other cases', code: null },
    write: file('x.csv', `name,category\n${names([' Minuman ', 'MINUMAN', 'Buku', 'buku  '], 6)}`),
    says: /"MINUMAN" was read as "Minuman"|"Minuman" was read as "MINUMAN"/,
  },
  {
    ...{ service: 'product', name: 'a file an encoding', code: null },
    write: async (folder) => {
      const text = `name;category\r\n${names(['Süß', 'Käse'], 6).replaceAll(',', ';')}`
      await writeFile(join(folder, '1.csv'), text)
      await writeFile(join(folder, '2.csv'), Buffer.from(`\ufeff${text}`, 'utf16le'))
      await writeFile(join(folder, '3.csv'), Buffer.from(text, 'latin1'))
    },
    says: /12 new rows, 12 in all/,
  },
  {
    ...{ service: 'vibration', name: 'an empty file', code: 'training.too-few-rows' },
    write: file('x.csv', ''),
    says: /normal has 0 usable rows; at least 50/,
  },
  {
    ...{ service: 'vibration', name: 'wrong column names', code: 'training.columns' },
    write: file('x.csv', 'time,value\n1,2\n'),
    says: /no column for the x axis; it has: time, value/,
  },
  {
    ...{ service: 'vibration', name: 'words in place of numbers', code: 'training.too-few-rows' },
    write: file('x.csv', `x,y,z\n${'a,b,c\n'.repeat(3000)}`),
    says: /0 usable rows/,
  },
  {
    ...{ service: 'vibration', name: 'infinite and missing values', code: 'training.too-few-rows' },
    write: file('x.csv', `x,y,z\n${'Infinity,1e999,\n'.repeat(3000)}`),
    says: /0 usable rows/,
  },
  {
    ...{ service: 'vibration', name: 'states of which none is normal', code: 'training.no-normal' },
    write: file('x.csv', `state,x,y,z\n${'worn,1,0,0\n'.repeat(30)}${'loose,1,0,0\n'.repeat(30)}`),
    says: /None of the states/,
  },
  {
    ...{ service: 'vibration', name: 'too little of it', code: 'training.too-few-rows' },
    write: file('x.csv', `x,y,z\n${'1,0,0\n'.repeat(480)}`),
    says: /has 20 usable rows/,
  },
  {
    ...{ service: 'cough', name: 'damaged files among good ones', code: 'training.too-few-rows' },
    write: async (folder) => {
      await fill(folder, 'cough', { a: 3, b: 2 })
      for (let i = 0; i < 3; i += 1) await writeFile(join(folder, 'b', `damaged${i}.wav`), DAMAGED)
    },
    says: /category b has 2 usable rows/,
  },
]

export const BAD_DATA: readonly BadData[] = [...media, ...tables]

/** A header, more than 64 kB of good rows and then one line of 1 GB; sparse, so that it takes no room. */
export async function writeEndlessLine(path: string, header: string, row: string): Promise<void> {
  await writeFile(path, `${header}\n${`${row}\n`.repeat(10_000)}`)
  await using handle = await open(path, 'r+')
  await handle.truncate(2 ** 30)
}
