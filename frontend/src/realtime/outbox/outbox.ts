/** Sends waiting messages, per room in order, and retries with the same id until the server has them. */
import { Rejected } from '../../api/problem';
import { createSignal, type Signal, type Subscribe } from '../../lib/signal';
import {
  ANSWER_TIMEOUT_MS,
  begun,
  change,
  due,
  enqueue,
  failed,
  isFinal,
  nextDueAt,
  type Pending,
  restored,
  retried,
  UPLOAD_TRIES,
  unanswered,
  without,
} from '../../model/outbox';
import type { Session } from '../session/session';
import type { Tabs } from '../session/tabs';
import { type ChatSocket, request } from '../socket';
import type { ChatState } from '../store/state';
import type { Storage } from '../store/storage';
import type { ChatStore } from '../store/store';
import type { Messages } from '../sync/messages';
import type { Pictures } from './pictures';

const PAUSE_MS = 1000;
const PAUSE_FACTOR_MAX = 10;
const TIMER_MIN_MS = 50;

export type Outbox = {
  /** On screen and on this device at once, on the server as soon as possible. */
  readonly put: (pending: Pending) => void;
  readonly retry: (clientId: string) => void;
  /** All failed ones of a room. */
  readonly retryAll: (roomId: string) => void;
  readonly discard: (clientId: string) => void;
  /** Stored messages of the last visit are sent before new ones. */
  readonly restore: (kept: readonly Pending[]) => void;
  /** Sends what is due. */
  readonly sendDue: () => void;
  /** Something may have left the outbox. */
  readonly onSettled: Subscribe;
  readonly stop: () => void;
};

type Deps = {
  store: ChatStore;
  storage: Pick<Storage, 'saveOutbox'>;
  socket: ChatSocket;
  session: Pick<Session, 'isConfirmed' | 'onConfirmed'>;
  messages: Messages;
  pictures: Pick<Pictures, 'upload' | 'drop' | 'sent'>;
  tabs: Pick<Tabs, 'post' | 'onMessage'>;
};

type Own = Deps & { readonly settled: Signal; timer: ReturnType<typeof setTimeout> | undefined };

export function createOutbox(deps: Deps): Outbox {
  const own: Own = { ...deps, settled: createSignal(), timer: undefined };
  listen(own);
  return {
    put: (pending) => changeThenSend(own, (outbox) => enqueue(outbox, pending)),
    retry: (clientId) => changeThenSend(own, (outbox) => retried(outbox, clientId)),
    retryAll: (roomId) => {
      for (const { clientId, ...pending } of own.store.get().outbox) {
        if (pending.roomId !== roomId || pending.state !== 'failed') continue;
        changeThenSend(own, (outbox) => retried(outbox, clientId));
      }
    },
    discard: (clientId) => {
      save(own, (outbox) => without(outbox, clientId));
      own.tabs.post({ what: 'discarded', clientId });
      own.pictures.drop(clientId);
      sendDue(own);
    },
    restore: (kept) =>
      own.store.update((state) => ({ outbox: [...restored(kept), ...state.outbox], outboxLoaded: true })),
    sendDue: () => sendDue(own),
    onSettled: own.settled.on,
    stop: () => clearTimeout(own.timer),
  };
}

function listen(own: Own): void {
  const { store, storage, session, messages, pictures, tabs } = own;
  session.onConfirmed(() => sendDue(own));
  messages.onApplied(({ stored }) => {
    if (stored.length === 0) return;
    for (const { clientId, image } of stored) if (image) pictures.sent(clientId);
    storage.saveOutbox(store.get().outbox);
    sendDue(own);
  });
  tabs.onMessage((message) => {
    if (message.what !== 'discarded') return;
    store.update((state) => ({ outbox: without(state.outbox, message.clientId) }));
  });
}

type Change = (outbox: ChatState['outbox']) => ChatState['outbox'];

function save({ store, storage }: Own, next: Change): void {
  store.update((state) => ({ outbox: next(state.outbox) }));
  storage.saveOutbox(store.get().outbox);
}

function changeThenSend(own: Own, next: Change): void {
  save(own, next);
  sendDue(own);
}

function sendDue(own: Own): void {
  const { store, session, settled } = own;
  clearTimeout(own.timer);
  if (session.isConfirmed()) {
    for (const pending of due(store.get().outbox, Date.now())) void send(own, pending);
  }
  const at = nextDueAt(store.get().outbox);
  if (at !== undefined) own.timer = setTimeout(() => sendDue(own), Math.max(TIMER_MIN_MS, at - Date.now()));
  settled.emit();
}

async function send(own: Own, pending: Pending): Promise<void> {
  const { clientId, roomId, content, replyTo } = pending;
  save(own, (outbox) => begun(outbox, clientId));
  try {
    const image = await uploaded(own, pending);
    const command = { roomId, clientId, content, ...(replyTo === undefined ? {} : { replyTo }), ...image };
    const answer = await request(own.socket, 'sendMessage', command, ANSWER_TIMEOUT_MS);
    // Takes it out of the outbox, if its event has not done so before, and sends the next one.
    own.messages.apply(roomId, [answer.message]);
  } catch (error) {
    changeThenSend(own, (outbox) => afterError(outbox, pending, error));
  }
}

function afterError(outbox: ChatState['outbox'], pending: Pending, error: unknown): ChatState['outbox'] {
  const now = Date.now();
  const tries = pending.attempts + 1;
  if (!(error instanceof Rejected)) {
    const brokenUpload = pending.image && !pending.image.uploaded && tries >= UPLOAD_TRIES && navigator.onLine;
    return brokenUpload
      ? failed(outbox, pending.clientId, 'upload')
      : unanswered(outbox, pending.clientId, now + PAUSE_MS);
  }
  const { code, retryAfter } = error.problem;
  if (isFinal(code, tries)) return failed(outbox, pending.clientId, code);
  const pauseMs = retryAfter === undefined ? PAUSE_MS * Math.min(tries, PAUSE_FACTOR_MAX) : retryAfter * 1000;
  return unanswered(outbox, pending.clientId, now + pauseMs);
}

async function uploaded(own: Own, pending: Pending): Promise<{ imageUrl?: string; publicId?: string }> {
  if (!pending.image) return {};
  const { url, id } = pending.image.uploaded ?? (await own.pictures.upload(pending.clientId, pending.image.name));
  if (!pending.image.uploaded) {
    const image = { ...pending.image, uploaded: { url, id } };
    save(own, (outbox) => change(outbox, pending.clientId, { image }));
  }
  return { imageUrl: url, publicId: id };
}
