/** A count as badges and the title show it. */
const SHOWN_MAX = 99;

export function countLabel(n: number): string {
  return n > SHOWN_MAX ? `${SHOWN_MAX}+` : String(n);
}
