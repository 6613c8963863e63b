// `$DUGA_HOME`: its folders, format and secrets. Private to its owner. Which server may use it stands in home-lock.ts.
import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DugaError } from '../errors.ts'
import { syncFolder, writeSynced } from './durable-file.ts'

/** Format of the folder; a Duga that knows only lower ones refuses it. */
const FORMAT = 1

const FOLDERS = [
  ...['blobs', 'data', 'models', 'uploads'],
  ...['reports', 'checkpoints', 'cache', 'temporary', 'secrets'],
]

export interface Home {
  readonly folder: string
  /** The embedded database. */
  readonly databaseFile: string
  readonly blobs: string
  readonly data: string
  readonly models: string
  readonly uploads: string
  /** A folder a training job, named by its id. */
  readonly reports: string
  /** A folder a training job that is not done, named by its id. */
  readonly checkpoints: string
  /** What can be computed again: features of frozen networks. */
  readonly cache: string
  /** Emptied by the server when it starts. */
  readonly temporary: string
  readonly secrets: Secrets
}

export interface Secrets {
  readonly adminToken: string
  /** Signs the tokens of clients. */
  readonly secretKey: string
  /** Signs the tokens of users. */
  readonly jwtSecretKey: string
}

/**
 * Makes what is missing and reads the rest. Safe while a server runs on the same folder.
 * @param given secrets from the settings, which stand above those kept in the folder
 * @throws DugaError `home.newer`
 */
export async function openHome(
  folder: string,
  given: { readonly [K in keyof Secrets]?: string | null } = {},
): Promise<Home> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // An existing folder may be open to others; what is inside is not for them.
  await chmod(folder, 0o700)
  const inside = (name: string) => join(folder, name)
  for (const name of FOLDERS) {
    await mkdir(inside(name), { recursive: true, mode: 0o700 })
  }
  await checkFormat(folder)
  const secret = async (value: string | null | undefined, name: string) =>
    value ??
    (await keepText(join(folder, 'secrets'), name, () => randomBytes(32).toString('base64url')))
  return {
    folder,
    databaseFile: inside('duga.db'),
    blobs: inside('blobs'),
    data: inside('data'),
    models: inside('models'),
    uploads: inside('uploads'),
    reports: inside('reports'),
    checkpoints: inside('checkpoints'),
    cache: inside('cache'),
    temporary: inside('temporary'),
    secrets: {
      adminToken: await secret(given.adminToken, 'admin-token'),
      secretKey: await secret(given.secretKey, 'secret-key'),
      jwtSecretKey: await secret(given.jwtSecretKey, 'jwt-secret-key'),
    },
  }
}

async function checkFormat(folder: string): Promise<void> {
  const format = Number(await keepText(folder, 'format', () => String(FORMAT)))
  if (!(format <= FORMAT)) throw new DugaError('home.newer', { home: folder, format })
}

/** The text of a file, which is made when it is not there; two who make it at once get the same text. */
export async function keepText(folder: string, name: string, make: () => string): Promise<string> {
  const path = join(folder, name)
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  await writeSynced(temporary, Buffer.from(`${make()}\n`))
  try {
    // A link, unlike a rename, never replaces what another process made meanwhile.
    await link(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
  return (await readFile(path, 'utf8')).trim()
}
