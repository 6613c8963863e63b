/**
 * Says what comes often at once, and then at most every so many milliseconds with the sum.
 * @param say with the sum of the counts since it was last said, and the latest detail
 */
export function createAlert<Detail = void>(
  everyMs: number,
  say: (count: number, latest: Detail) => void,
): (count: number, detail: Detail) => void {
  let last = Number.NEGATIVE_INFINITY
  let sum = 0
  return (count, detail) => {
    sum += count
    if (performance.now() - last < everyMs) return
    say(sum, detail)
    last = performance.now()
    sum = 0
  }
}
