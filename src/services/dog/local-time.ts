// Times as the old dog API wrote them: the server's local time, to the second, without offset.

/** @param milliseconds since the Unix epoch @returns `YYYY-MM-DD HH:MM:SS` */
export function toLocalTime(milliseconds: number): string {
  const time = new Date(milliseconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}
