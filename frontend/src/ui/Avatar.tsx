/** People are circles: the photo, else initials on a colour that stays when the name changes. */
import { langProps } from '../lib/text/lang';

export type AvatarUser = { readonly id: string; readonly displayName: string; readonly photoUrl?: string };
export type Dot = 'online' | 'away' | 'offline';

type Size = 16 | 20 | 24 | 28 | 32 | 36 | 44 | 72;

const HUES = 8;
const SMALL_MAX = 24;
const DOT_CLASS = { online: 'on', away: 'away', offline: 'off' } as const;

function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
}

function initials(name: string, small: boolean): string {
  const words = name
    .trim()
    .split(/[\s._-]+/)
    .filter(Boolean);
  const letter = (word: string | undefined) => [...(word ?? '?')][0] ?? '?';
  const first = letter(words[0]);
  if (small || !/[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d]/u.test(first)) return first.toUpperCase();
  return (first + (words.length > 1 ? letter(words.at(-1)) : '')).toUpperCase();
}

export function Avatar(props: { user: AvatarUser; size?: Size; dot?: Dot | undefined }) {
  const { user, size = 36, dot } = props;
  return (
    <span className={`av z${size} c${hueOf(user.id)}`} aria-hidden="true" {...langProps(user.displayName)}>
      {user.photoUrl ? (
        <img className="ph" src={user.photoUrl} alt="" />
      ) : (
        initials(user.displayName, size <= SMALL_MAX)
      )}
      {dot && <span className={`pd ${DOT_CLASS[dot]}`} />}
    </span>
  );
}
