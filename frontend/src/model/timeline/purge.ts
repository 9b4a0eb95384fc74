/** Purged messages. */
import type { Message } from '../../api/contract';

export function isPurge(message: Message): boolean {
  return message.system?.type === 'purged';
}

/** Everything up to this place was purged; 0: nothing was. */
export function purgedUpTo(changes: readonly Message[]): number {
  return changes.reduce(
    (highest, { system }) => (system?.type === 'purged' ? Math.max(highest, system.upTo) : highest),
    0,
  );
}

/** What a quote shows of a purged message. */
export function withoutPurged(
  quoted: Readonly<Record<string, Message>>,
  roomId: string,
  upTo: number,
): Readonly<Record<string, Message>> {
  if (upTo === 0) return quoted;
  const isGone = (message: Message) => message.roomId === roomId && message.seq <= upTo;
  return Object.fromEntries(Object.entries(quoted).map(([id, m]) => [id, isGone(m) ? gone(m) : m]));
}

function gone(message: Message): Message {
  const { imageUrl: _, publicId: __, imageSize: ___, ...rest } = message;
  return { ...rest, content: '', mentions: [], reactions: [], deletedAt: message.deletedAt ?? message.createdAt };
}
