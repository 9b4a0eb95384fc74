/** Who is there and who is typing; all of it may be lost, and none of it is kept. */
import type { Presence, TypingEvent } from '../../api/contract';

const TYPING_MS = 5000;
/** The server reports the presence of so many users to one connection. */
export const WATCH_MAX = 200;

export type Typing = { readonly roomId: string; readonly userId: string; readonly until: number };

export function startTyping(typing: readonly Typing[], event: TypingEvent, now: number): readonly Typing[] {
  const others = typing.filter((t) => !(t.roomId === event.roomId && t.userId === event.userId));
  return [...others, { ...event, until: now + TYPING_MS }];
}

/** Whoever sent something has stopped typing it. */
export function stopped(typing: readonly Typing[], roomId: string, userIds: readonly string[]): readonly Typing[] {
  const out = typing.filter((t) => !(t.roomId === roomId && userIds.includes(t.userId)));
  return out.length === typing.length ? typing : out;
}

export function expired(typing: readonly Typing[], now: number): readonly Typing[] {
  const out = typing.filter((t) => t.until > now);
  return out.length === typing.length ? typing : out;
}

/** Nobody is watched who is not on screen, so neither half of the screen takes the place of the other. */
export function toWatch(partners: readonly string[], here: readonly string[], max: number): readonly string[] {
  const half = Math.floor(max / 2);
  const first = partners.slice(0, Math.max(half, max - here.length));
  return [...new Set([...first, ...here, ...partners])].slice(0, max);
}

export function mergePresence(
  known: Readonly<Record<string, Presence>>,
  news: readonly Presence[],
): Readonly<Record<string, Presence>> {
  const out = { ...known };
  for (const presence of news) out[presence.userId] = presence;
  return out;
}
