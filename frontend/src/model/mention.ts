/** Mentions: in the text that is being written, and in what others wrote. */
import type { Message, Room } from '../api/contract';

const NAME = '[A-Za-z0-9._-]';
const OPEN = new RegExp(`(^|[\\s(（「、。])@(${NAME}{0,32})$`, 'u');

export type OpenMention = { readonly start: number; readonly query: string };

/** The `@name` that ends at the caret, while it is being typed. */
export function openMention(text: string, caret: number): OpenMention | undefined {
  const match = OPEN.exec(text.slice(0, caret));
  if (!match) return undefined;
  const query = match[2] ?? '';
  return { start: caret - query.length - 1, query };
}

export function insertMention(
  text: string,
  caret: number,
  mention: OpenMention,
  username: string,
): { text: string; caret: number } {
  const head = `${text.slice(0, mention.start)}@${username} `;
  return { text: head + text.slice(caret).replace(/^ /, ''), caret: head.length };
}

/** An unread message that is meant for me. */
export function isForMe(message: Message, room: Room, meId: string): boolean {
  if (message.seq <= room.readSeq || message.senderId === meId || message.system || message.deletedAt) return false;
  return room.kind === 'direct' || message.mentions?.includes(meId) === true;
}

/** Cuts a text at its `@names`. A full stop at the end of a name is the sentence's. */
export function splitMentions(text: string): readonly { readonly text: string; readonly name?: string }[] {
  const out: { text: string; name?: string }[] = [];
  const pattern = /@([A-Za-z0-9](?:[A-Za-z0-9._-]{0,30}[A-Za-z0-9_-]))/g;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (/[A-Za-z0-9_]/.test(text[match.index - 1] ?? '')) continue;
    if (match.index > from) out.push({ text: text.slice(from, match.index) });
    out.push({ text: match[0], name: (match[1] ?? '').toLowerCase() });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ text: text.slice(from) });
  return out;
}
