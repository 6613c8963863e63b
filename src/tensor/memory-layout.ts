// Gives out addresses in a kernel's memory, one region after the other, each a multiple of 16 bytes.

export interface MemoryLayout {
  /** The address of a new region of at least so many bytes. */
  take(bytes: number): number
  /** Bytes given out so far. */
  size(): number
}

export function createMemoryLayout(): MemoryLayout {
  let used = 0
  return {
    take: (bytes) => {
      const at = used
      used += align16(bytes)
      return at
    },
    size: () => used,
  }
}

/** The next multiple of 16. */
export function align16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}
