/** Presence and typing: best effort, and never stored. */
import type { Presence, TypingEvent } from '../../api/contract';

const TYPING_MS = 5000;
/** Maximum of users whose presence one connection may watch. */
export const WATCH_MAX = 200;

export type Typing = { readonly roomId: string; readonly userId: string; readonly until: number };

export function startTyping(typing: readonly Typing[], event: TypingEvent, now: number): readonly Typing[] {
  const others = typing.filter((t) => !(t.roomId === event.roomId && t.userId === event.userId));
  return [...others, { ...event, until: now + TYPING_MS }];
}

/** A user who sent a message has stopped typing. */
export function stopped(typing: readonly Typing[], roomId: string, userIds: readonly string[]): readonly Typing[] {
  const out = typing.filter((t) => !(t.roomId === roomId && userIds.includes(t.userId)));
  return out.length === typing.length ? typing : out;
}

export function expired(typing: readonly Typing[], now: number): readonly Typing[] {
  const out = typing.filter((t) => t.until > now);
  return out.length === typing.length ? typing : out;
}

/** Only users on screen are watched, so neither half of the screen displaces the other. */
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
