/** Keeps one socket connected, shows its state, and reconnects. */
import { type Backoff, createBackoff } from '../../lib/retry';
import { createSignal, type Signal, type Subscribe } from '../../lib/signal';
import type { Connection as Shown } from '../../model/connection';
import { unsentCount } from '../../model/outbox';
import type { Session } from '../session/session';
import type { ChatSocket } from '../socket';
import type { ChatStore } from '../store/store';

/** Timeout of a connection attempt. */
const OPEN_TIMEOUT_MS = 6000;
/** A shorter loss is not shown. */
const SILENT_MS = 2000;
/** Failed attempts, when a server moves its clients, before the loss is shown. */
const MOVE_ATTEMPTS_MAX = 3;

type Timer = ReturnType<typeof setTimeout> | undefined;

export type Connection = {
  /** The first attempt. */
  readonly open: () => void;
  readonly tryNow: () => void;
  /** After each connection; `first` is true once. */
  readonly onConnected: Subscribe<{ readonly first: boolean }>;
  /** The heads are known: so many changes are missing. */
  readonly headsKnown: (missing: number) => void;
  /** The page is up to date: the next loss is a new one. */
  readonly caughtUp: () => void;
  readonly stop: () => void;
};

type Deps = { store: ChatStore; socket: ChatSocket; session: Pick<Session, 'end' | 'onEnded'> };

type Line = Deps & {
  readonly backoff: Backoff;
  readonly connected: Signal<{ first: boolean }>;
  readonly show: (connection: Shown) => void;
  first: boolean;
  lostAt: number | undefined;
  /** The loss is shown. */
  shown: boolean;
  moving: boolean;
  ended: boolean;
  retryTimer: Timer;
  showTimer: Timer;
  openTimer: Timer;
};

export function createConnection(deps: Deps): Connection {
  const line: Line = {
    ...deps,
    backoff: createBackoff(),
    connected: createSignal(),
    show: (connection) => deps.store.update(() => ({ connection })),
    first: true,
    lostAt: undefined,
    shown: false,
    moving: false,
    ended: false,
    retryTimer: undefined,
    showTimer: undefined,
    openTimer: undefined,
  };
  const unlisten = listen(line);
  const stop = () => end(line);
  const unsubscribe = deps.session.onEnded(stop);
  return {
    open: () => (navigator.onLine ? connect(line) : lose(line)),
    tryNow: () => tryNow(line),
    onConnected: line.connected.on,
    headsKnown: (missing) => {
      if (!line.shown || missing === 0) line.lostAt = undefined;
      line.moving = false;
    },
    caughtUp: () => {
      line.shown = false;
      line.lostAt = undefined;
    },
    stop: () => {
      stop();
      unlisten();
      unsubscribe();
    },
  };
}

function listen(line: Line): () => void {
  const { socket } = line;
  socket.on('connect', () => connected(line));
  socket.on('disconnect', () => lose(line));
  socket.on('connect_error', (error) =>
    error.message === 'unauthenticated' ? line.session.end({ why: 'expired' }) : lose(line),
  );
  socket.on('moving', (event) => move(line, event.afterMs));
  const offline = () => {
    socket.disconnect();
    lose(line);
  };
  const online = () => tryNow(line);
  window.addEventListener('offline', offline);
  window.addEventListener('online', online);
  return () => {
    window.removeEventListener('offline', offline);
    window.removeEventListener('online', online);
  };
}

function tryNow(line: Line): void {
  line.backoff.reset();
  connect(line);
}

function connect(line: Line): void {
  const { socket } = line;
  stopRetry(line);
  clearTimeout(line.openTimer);
  if (line.ended || socket.connected) return;
  if (line.shown && !line.moving) line.show({ at: 'trying' });
  socket.connect();
  // No event says that a socket was closed before its handshake.
  const giveUp = () => {
    if (socket.connected) return;
    socket.disconnect();
    lose(line);
  };
  socket.io.engine?.once('close', giveUp);
  line.openTimer = setTimeout(giveUp, OPEN_TIMEOUT_MS);
}

function stopRetry(line: Line): void {
  clearTimeout(line.retryTimer);
  line.retryTimer = undefined;
}

function connected(line: Line): void {
  stopRetry(line);
  clearTimeout(line.openTimer);
  clearTimeout(line.showTimer);
  line.backoff.reset();
  const sending = unsentCount(line.store.get().outbox);
  line.show(line.shown ? { at: 'catchingUp', sending, fetching: 0 } : { at: 'online' });
  const { first } = line;
  line.first = false;
  line.connected.emit({ first });
}

function lose(line: Line): void {
  clearTimeout(line.openTimer);
  if (line.ended) return;
  line.lostAt ??= Date.now();
  if (navigator.onLine && line.retryTimer !== undefined) return;
  stopRetry(line);
  if (!navigator.onLine) {
    line.shown = true;
    line.show({ at: 'offline' });
    return;
  }
  const waitMs = line.backoff.nextMs();
  // The other servers do not answer either: an outage like any other.
  if (line.backoff.count() > MOVE_ATTEMPTS_MAX) line.moving = false;
  line.retryTimer = setTimeout(() => connect(line), waitMs);
  showLoss(line, Date.now() + waitMs);
}

function showLoss(line: Line, tryAt: number): void {
  clearTimeout(line.showTimer);
  if (line.moving) return;
  const silentMs = (line.lostAt ?? Date.now()) + SILENT_MS - Date.now();
  if (silentMs <= 0 || line.shown) {
    line.shown = true;
    line.show({ at: 'waiting', tryAt });
    return;
  }
  line.show({ at: line.first ? 'connecting' : 'lost' });
  line.showTimer = setTimeout(() => {
    line.shown = true;
    if (!line.socket.connected) line.show(Date.now() < tryAt ? { at: 'waiting', tryAt } : { at: 'trying' });
  }, silentMs);
}

/** The server asks its clients to reconnect to another one. */
function move(line: Line, afterMs: number): void {
  line.moving = true;
  line.shown = true;
  line.show({ at: 'moving' });
  setTimeout(() => {
    line.socket.disconnect();
    connect(line);
  }, afterMs);
}

function end(line: Line): void {
  line.ended = true;
  stopRetry(line);
  clearTimeout(line.showTimer);
  clearTimeout(line.openTimer);
  line.socket.disconnect();
}
