// Version numbers: `v<major>.<minor>.<patch>`.
import { DugaError } from '../errors.ts'

export interface VersionNumber {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** @throws DugaError `version.invalid` */
export function parseVersion(version: string): VersionNumber {
  const match = /^v(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(version)
  if (match === null) throw new DugaError('version.invalid', { version })
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) }
}

export function formatVersion({ major, minor, patch }: VersionNumber): string {
  return `v${major}.${minor}.${patch}`
}

/** The next patch; the first version of all is v1.0.0. */
export function nextPatch(latest: VersionNumber | null): VersionNumber {
  if (latest === null) return { major: 1, minor: 0, patch: 0 }
  return { ...latest, patch: latest.patch + 1 }
}
