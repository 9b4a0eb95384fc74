/** Sends what waits, per room in order, again and again with the same id until the server has it. */
import { Refused } from '../api/problem';
import {
  ANSWER_MS,
  begun,
  change,
  due,
  enqueue,
  failed,
  isFinal,
  nextDueAt,
  type Pending,
  retried,
  UPLOAD_TRIES,
  unanswered,
  without,
} from '../model/outbox';
import { type Chat, update } from './chat';
import { applyMessages } from './deliver';
import { dropPicture, upload } from './pictures';
import type { ChatState } from './state';
import { ask } from './wire';

const PAUSE_MS = 1000;

function setOutbox(chat: Chat, next: (outbox: ChatState['outbox']) => ChatState['outbox']): void {
  update(chat, (state) => ({ outbox: next(state.outbox) }));
  chat.storage.saveOutbox(chat.store.get().outbox);
}

export function startSender(chat: Chat): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  chat.pump = () => {
    clearTimeout(timer);
    if (chat.wire.connected && chat.mine) {
      for (const pending of due(chat.store.get().outbox, Date.now())) void send(chat, pending);
    }
    const at = nextDueAt(chat.store.get().outbox);
    if (at !== undefined) timer = setTimeout(() => chat.pump(), Math.max(50, at - Date.now()));
    chat.settle();
  };
  chat.ends.push(() => clearTimeout(timer));
}

async function send(chat: Chat, pending: Pending): Promise<void> {
  const { clientId, roomId, content, replyTo } = pending;
  setOutbox(chat, (outbox) => begun(outbox, clientId));
  try {
    const image = await uploaded(chat, pending);
    const answer = await ask(
      chat.wire,
      'sendMessage',
      { roomId, clientId, content, ...(replyTo === undefined ? {} : { replyTo }), ...image },
      ANSWER_MS,
    );
    applyMessages(chat, roomId, [answer.message]);
    setOutbox(chat, (outbox) => without(outbox, clientId));
  } catch (error) {
    setOutbox(chat, (outbox) => afterError(outbox, pending, error));
  }
  chat.pump();
}

function afterError(outbox: ChatState['outbox'], pending: Pending, error: unknown): ChatState['outbox'] {
  const now = Date.now();
  const tries = pending.attempts + 1;
  if (!(error instanceof Refused)) {
    const brokenUpload = pending.image && !pending.image.uploaded && tries >= UPLOAD_TRIES && navigator.onLine;
    return brokenUpload
      ? failed(outbox, pending.clientId, 'upload')
      : unanswered(outbox, pending.clientId, now + PAUSE_MS);
  }
  const { code, retryAfter } = error.problem;
  if (isFinal(code, tries)) return failed(outbox, pending.clientId, code);
  const pauseMs = retryAfter === undefined ? PAUSE_MS * Math.min(tries, 10) : retryAfter * 1000;
  return unanswered(outbox, pending.clientId, now + pauseMs);
}

async function uploaded(chat: Chat, pending: Pending): Promise<{ imageUrl?: string; publicId?: string }> {
  if (!pending.image) return {};
  const { url, id } = pending.image.uploaded ?? (await upload(chat, pending.clientId, pending.image.name));
  if (!pending.image.uploaded) {
    const image = { ...pending.image, uploaded: { url, id } };
    setOutbox(chat, (outbox) => change(outbox, pending.clientId, { image }));
  }
  return { imageUrl: url, publicId: id };
}

export function put(chat: Chat, pending: Pending): void {
  setOutbox(chat, (outbox) => enqueue(outbox, pending));
  chat.pump();
}

export function retry(chat: Chat, clientId: string): void {
  setOutbox(chat, (outbox) => retried(outbox, clientId));
  chat.pump();
}

export function retryAll(chat: Chat, roomId: string): void {
  for (const pending of chat.store.get().outbox) {
    if (pending.roomId === roomId && pending.state === 'failed') retry(chat, pending.clientId);
  }
}

export function discard(chat: Chat, clientId: string): void {
  setOutbox(chat, (outbox) => without(outbox, clientId));
  chat.tell({ what: 'discarded', clientId });
  dropPicture(chat, clientId);
  chat.pump();
}
