/** Keeps one socket, says what it is doing, and tries again when it is lost. */
import { backoffMs } from '../model/backoff';
import { unsentCount } from '../model/outbox';
import { type Chat, update } from './chat';
import type { Connection } from './state';

/** A socket that is not there after this time will not come. */
const OPEN_MS = 6000;
/** A loss shorter than this is not worth a word. */
const SILENT_MS = 2000;
const BACK_MS = 4000;
const MOVE_TRIES = 3;

type Line = {
  attempt: number;
  lostAt: number | undefined;
  spoken: boolean;
  sending: number;
  moving: boolean;
  retry: ReturnType<typeof setTimeout> | undefined;
  speak: ReturnType<typeof setTimeout> | undefined;
  watchdog: ReturnType<typeof setTimeout> | undefined;
  ended: boolean;
  /** Since this connection: the heads were heard, and the list of rooms was read. */
  heard: boolean;
  listed: boolean;
};

export type Control = {
  tryNow: () => void;
  /** The heads after a connection: so many changes are missing. */
  heads: (missing: number) => void;
  /** The list of rooms is as it was after the connection, or newer. */
  listed: () => void;
  move: (afterMs: number) => void;
};

export function startConnection(chat: Chat, onConnect: (first: boolean) => void): Control {
  const line: Line = {
    attempt: 0,
    lostAt: undefined,
    spoken: false,
    sending: 0,
    moving: false,
    retry: undefined,
    speak: undefined,
    watchdog: undefined,
    ended: false,
    heard: false,
    listed: false,
  };
  let first = true;
  const show = (connection: Connection) => update(chat, () => ({ connection }));

  const connect = () => {
    stopRetry();
    clearTimeout(line.watchdog);
    if (line.ended || chat.wire.connected) return;
    if (line.spoken && !line.moving) show({ at: 'trying' });
    chat.wire.connect();
    // A socket that closes before its handshake is told to nobody.
    const giveUp = () => {
      if (chat.wire.connected) return;
      chat.wire.disconnect();
      lose();
    };
    chat.wire.io.engine?.once('close', giveUp);
    line.watchdog = setTimeout(giveUp, OPEN_MS);
  };

  const stopRetry = () => {
    clearTimeout(line.retry);
    line.retry = undefined;
  };

  const lose = () => {
    clearTimeout(line.watchdog);
    if (line.ended) return;
    line.lostAt ??= Date.now();
    if (navigator.onLine && line.retry !== undefined) return;
    stopRetry();
    if (!navigator.onLine) {
      line.spoken = true;
      show({ at: 'offline' });
      return;
    }
    const waitMs = backoffMs(line.attempt, Math.random());
    line.attempt += 1;
    // The other servers do not answer either: then this is an outage like any other.
    if (line.attempt > MOVE_TRIES) line.moving = false;
    const tryAt = Date.now() + waitMs;
    line.retry = setTimeout(connect, waitMs);
    speakUp(tryAt);
  };

  const speakUp = (tryAt: number) => {
    clearTimeout(line.speak);
    if (line.moving) return;
    const silentMs = (line.lostAt ?? Date.now()) + SILENT_MS - Date.now();
    if (silentMs <= 0 || line.spoken) {
      line.spoken = true;
      show({ at: 'waiting', tryAt });
      return;
    }
    show({ at: first ? 'connecting' : 'lost' });
    line.speak = setTimeout(() => {
      line.spoken = true;
      if (!chat.wire.connected) show(Date.now() < tryAt ? { at: 'waiting', tryAt } : { at: 'trying' });
    }, silentMs);
  };

  const connected = () => {
    stopRetry();
    clearTimeout(line.watchdog);
    clearTimeout(line.speak);
    line.attempt = 0;
    line.heard = false;
    // What came after a list that was read before is told by the heads.
    line.listed = first && chat.store.get().roomsLoaded;
    line.sending = unsentCount(chat.store.get().outbox);
    if (line.spoken) show({ at: 'catchingUp', sending: line.sending, fetching: 0 });
    else show({ at: 'online' });
    onConnect(first);
    first = false;
  };

  const settle = () => {
    const { connection, outbox } = chat.store.get();
    if (connection.at !== 'catchingUp') return;
    const syncing = chat.anew || chat.loads.size > 0 || [...chat.feeds.values()].some((feed) => feed.syncing);
    if (!line.heard || !line.listed || syncing || unsentCount(outbox) > 0) return;
    const back: Connection = { at: 'back', sent: line.sending };
    show(back);
    setTimeout(
      () => update(chat, (state) => (state.connection === back ? { connection: { at: 'online' } } : {})),
      BACK_MS,
    );
    line.spoken = false;
    line.lostAt = undefined;
  };

  const heads = (missing: number) => {
    if (!line.spoken || missing === 0) {
      line.lostAt = undefined;
      line.moving = false;
    }
    line.moving = false;
    line.heard = true;
    if (chat.store.get().connection.at === 'catchingUp') {
      show({ at: 'catchingUp', sending: line.sending, fetching: missing });
    }
    setTimeout(settle, 300);
  };

  const stop = () => {
    line.ended = true;
    chat.mine = false;
    stopRetry();
    clearTimeout(line.speak);
    clearTimeout(line.watchdog);
    chat.wire.disconnect();
  };

  chat.settle = settle;
  chat.end = (ended) => {
    stop();
    update(chat, (state) => ({ ended: state.ended ?? ended }));
  };
  chat.wire.on('connect', connected);
  chat.wire.on('disconnect', () => {
    chat.mine = false;
    lose();
  });
  chat.wire.on('connect_error', (error) =>
    error.message === 'unauthenticated' ? chat.end({ why: 'expired' }) : lose(),
  );
  const offline = () => {
    chat.wire.disconnect();
    lose();
  };
  const online = () => {
    line.attempt = 0;
    connect();
  };
  window.addEventListener('offline', offline);
  window.addEventListener('online', online);
  chat.ends.push(() => {
    stop();
    window.removeEventListener('offline', offline);
    window.removeEventListener('online', online);
  });
  if (navigator.onLine) connect();
  else lose();

  return {
    tryNow: () => {
      line.attempt = 0;
      connect();
    },
    heads,
    listed: () => {
      line.listed = true;
      settle();
    },
    move: (afterMs) => {
      line.moving = true;
      line.spoken = true;
      show({ at: 'moving' });
      setTimeout(() => {
        chat.wire.disconnect();
        connect();
      }, afterMs);
    },
  };
}
