// Makes a version the active one: gate, check, one compare-and-set. Rolling back is the same with an older version.
import { DugaError } from '../errors.ts'
import type { ActiveVersion, Promotion, PromotionKind } from '../store/active-versions.ts'
import type { Stores } from '../store/stores.ts'
import type { VersionRow } from '../store/versions.ts'
import type { Registry, RegistryOptions } from './registry.ts'

export interface PromoteOptions {
  /** Also a version that did not pass the gate. It must load and replay its golden all the same. */
  readonly force?: boolean
  /** How the log calls it; default `promote`. */
  readonly kind?: PromotionKind
}

/** @param changed called when the active version has changed */
export function createPromote(
  { stores, verify, onStep = () => {} }: RegistryOptions,
  changed: () => Promise<void>,
): Registry['promote'] {
  return async (service, version, { force = false, kind = 'promote' } = {}) => {
    const row = await stores.versions.get(service, version)
    if (row === null) throw new DugaError('version.unknown', { service, version })
    // Read before the check: whatever is promoted while it runs makes the compare-and-set fail.
    const current = await stores.activeVersions.get(service)
    if (!force) checkGate(row)
    if (current?.version === version) return current
    await verify(row)
    onStep('checked')
    const revision = current?.revision ?? 0
    const activation = { revision, kind, forced: force }
    if (!(await stores.activeVersions.activate(service, version, activation))) {
      throw new DugaError('version.changed', { service })
    }
    onStep('active')
    await changed()
    return { service, version, revision: revision + 1 } satisfies ActiveVersion
  }
}

/**
 * The version that was active before the present one, taking roll-backs into account.
 * @throws DugaError `version.no-previous`
 */
export async function previousVersion(
  { activeVersions, versions }: Stores,
  service: string,
): Promise<string> {
  const earlier = replay(await activeVersions.promotions(service))
  const active = earlier.pop()
  for (;;) {
    const version = earlier.pop()
    if (version === undefined) throw new DugaError('version.no-previous', { service })
    if (version !== active && (await versions.get(service, version)) !== null) return version
  }
}

/** The stack of versions that promotions pushed and roll-backs popped; the last is active. */
function replay(promotions: readonly Promotion[]): string[] {
  const stack: string[] = []
  for (const { version, kind } of promotions) {
    if (kind === 'promote') {
      stack.push(version)
      continue
    }
    // A roll-back skips what was deleted meanwhile.
    while (stack.length > 1 && stack.at(-1) !== version) stack.pop()
    stack[0] ??= version
  }
  return stack
}

/** The maker of a version writes into its origin whether it passed: `gate: { passed, reason }`. */
function checkGate({ service, version, manifest }: VersionRow): void {
  const gate = manifest.origin.gate as { passed?: unknown; reason?: unknown } | null | undefined
  if (gate?.passed !== false) return
  throw new DugaError('version.rejected', { service, version, reason: String(gate.reason) })
}
