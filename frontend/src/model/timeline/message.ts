/** One message by itself. */
import type { Message } from '../../api/contract';

/** The number of a message in its room, from its id `<room>-<seq>`; `NaN` where the id has none. */
export function seqOf(messageId: string): number {
  return Number(messageId.slice(messageId.lastIndexOf('-') + 1));
}

/** The reactions of a message with or without mine. */
export function withReaction(
  reactions: NonNullable<Message['reactions']>,
  emoji: string,
  meId: string,
  on: boolean,
): NonNullable<Message['reactions']> {
  const there = reactions.find((reaction) => reaction.emoji === emoji);
  if (!there) return on ? [...reactions, { emoji, userIds: [meId] }] : reactions;
  return reactions
    .map((reaction) => {
      if (reaction.emoji !== emoji) return reaction;
      const others = reaction.userIds.filter((id) => id !== meId);
      return { emoji, userIds: on ? [...others, meId] : others };
    })
    .filter((reaction) => reaction.userIds.length > 0);
}
