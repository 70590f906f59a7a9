/** Points in time for people, in the zone of this machine. */

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-08-06 14:03:27`. */
export function formatInstant(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:03:27.512`. */
export function formatTimeOfDay(ms: number): string {
  return `${formatInstant(ms).slice('2026-08-06 '.length)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`;
}
