/** The content of a room's composer, and what of it the server has. Its text is the same on all devices of a user. */
import type { ImageSize, Draft as Kept, Message } from '../api/contract';

/** A longer text is no valid message, and the server rejects it. */
export const CHARS_MAX = 8000;

/** A picture that goes with the draft; it is kept, and will be sent, under this id. */
export type DraftImage = {
  readonly clientId: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly size: ImageSize;
};

/** What all devices share. */
export type Words = { readonly text: string; readonly replyTo?: string };

/** Pictures and an edit that was begun stay on this device. */
export type Draft = {
  readonly text: string;
  readonly replyTo?: string | undefined;
  readonly images?: readonly DraftImage[] | undefined;
  /** A message that is being changed, and the text it gets. */
  readonly edit?: { readonly message: Message; readonly text: string } | undefined;
  /** What the server has, as far as known here; omitted if nothing. The name is that of the stored field. */
  readonly told?: Words | undefined;
};

export const NO_DRAFT: Draft = { text: '' };

/** Spaces are no draft. */
export function isEmpty({ text, replyTo, images = [], edit }: Draft): boolean {
  return text.trim() === '' && replyTo === undefined && images.length === 0 && edit === undefined;
}

/** Whether anything must be kept: a draft, or a deletion that the server does not have yet. */
export function isNothing(draft: Draft): boolean {
  return isEmpty(draft) && isSynced(draft);
}

/** The text to send to the server; `undefined` if it has it, or would reject it. */
export function unsynced(draft: Draft): Words | undefined {
  return isSynced(draft) || [...draft.text].length > CHARS_MAX ? undefined : wordsOf(draft);
}

/** The server has this text now. */
export function synced(draft: Draft, words: Words): Draft {
  if (same(draft.told ?? NO_DRAFT, words)) return draft;
  const { told: _, ...rest } = draft;
  return same(words, NO_DRAFT) ? rest : { ...rest, told: words };
}

/** The server sends the last text of any device. A text that it does not have yet takes precedence. */
export function received(draft: Draft, kept: Kept | undefined): Draft {
  const words: Words = { text: kept?.content ?? '', ...(kept?.replyTo === undefined ? {} : { replyTo: kept.replyTo }) };
  if (!isSynced(draft) || same(wordsOf(draft), words)) return synced(draft, words);
  const { replyTo: _, ...rest } = draft;
  return synced({ ...rest, ...words }, words);
}

function isSynced(draft: Draft): boolean {
  return same(wordsOf(draft), draft.told ?? NO_DRAFT);
}

function wordsOf({ text, replyTo }: Draft): Words {
  return { text: text.trim() === '' ? '' : text, ...(replyTo === undefined ? {} : { replyTo }) };
}

function same(a: Draft, b: Draft): boolean {
  return a.text === b.text && a.replyTo === b.replyTo;
}
