/** When to try again. */
const FIRST_MS = 500;
const MAX_MS = 20_000;

/** Doubles, at most 20 s, and half of it is chance, so that a thousand pages do not come at once. */
export function backoffMs(attempt: number, chance: number): number {
  const whole = Math.min(MAX_MS, FIRST_MS * 2 ** attempt);
  return Math.round(whole / 2 + (whole / 2) * chance);
}
