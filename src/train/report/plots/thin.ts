// Curves of thousands of points → as many as can be seen.

export type Point = readonly [x: number, y: number]

/** Leaves out points closer than 1/`steps` of the unit square to the one kept before; the ends stay. */
export function thin(points: readonly Point[], steps = 200): Point[] {
  const kept: Point[] = []
  for (const [i, point] of points.entries()) {
    const [x, y] = kept.at(-1) ?? [Number.NEGATIVE_INFINITY, 0]
    const far = Math.max(Math.abs(point[0] - x), Math.abs(point[1] - y)) >= 1 / steps
    if (far || i === points.length - 1) kept.push(point)
  }
  return kept
}

/**
 * Height at x of the straight lines between points; of a vertical step, its upper end.
 * @param points x rising, y rising where x stands still; x lies between the first and the last
 */
export function heightAt(points: readonly Point[], x: number): number {
  const last = points.findLastIndex((point) => point[0] <= x)
  const [x0, y0] = points[last]!
  const [x1, y1] = points[last + 1] ?? points[last]!
  return x1 === x0 ? y0 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0)
}
