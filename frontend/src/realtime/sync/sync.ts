/** Keeps rooms and messages in sync with the server: events, the list, and a reset for another store. */
import type { HeadsEvent, MessagesEvent } from '../../api/contract';
import { codeOf } from '../../api/problem';
import { retry, sleep } from '../../lib/retry';
import { createSignal, type Signal, type Subscribe } from '../../lib/signal';
import type { Session } from '../session/session';
import type { ChatSocket } from '../socket';
import type { ChatStore } from '../store/store';
import type { Feeds } from './feeds';
import type { Gaps } from './gaps';
import type { History } from './history';
import type { Messages } from './messages';
import type { Rooms } from './rooms';

type Sync = {
  /** Reads the list of rooms until it is there; answers `false` where the session has ended. */
  readonly loadRooms: () => Promise<boolean>;
  readonly isBusy: () => boolean;
  readonly onSettled: Subscribe;
  /** Emits how many changes are missing. */
  readonly onHeads: Subscribe<number>;
  readonly onListed: Subscribe;
};

type Deps = {
  store: ChatStore;
  socket: ChatSocket;
  session: Pick<Session, 'whileConnected' | 'end'>;
  feeds: Feeds;
  messages: Messages;
  history: Pick<History, 'isBusy' | 'onSettled'>;
  rooms: Rooms;
  gaps: Pick<Gaps, 'onSettled'>;
};

type Own = Deps & {
  readonly settled: Signal;
  readonly heads: Signal<number>;
  readonly listed: Signal;
  /** Events that arrived before the list of rooms. */
  early: { events: MessagesEvent[]; heads: HeadsEvent | undefined };
  /** Another store answers, and its rooms are not here yet. */
  resetting: boolean;
  /** Ends the pause before the next attempt to read the list. */
  wake: (() => void) | undefined;
};

export function createSync(deps: Deps): Sync {
  const own: Own = {
    ...deps,
    settled: createSignal(),
    heads: createSignal(),
    listed: createSignal(),
    early: { events: [], heads: undefined },
    resetting: false,
    wake: undefined,
  };
  deps.history.onSettled(own.settled.emit);
  deps.gaps.onSettled(own.settled.emit);
  listen(own);
  return {
    loadRooms: () => loadRooms(own),
    isBusy: () => own.resetting || deps.history.isBusy() || deps.feeds.isSyncing(),
    onSettled: own.settled.on,
    onHeads: own.heads.on,
    onListed: own.listed.on,
  };
}

function listen(own: Own): void {
  const { store, socket, session, feeds, messages, rooms } = own;
  let first = true;
  feeds.onRows((rows) => messages.apply(rows.roomId, rows.messages));
  messages.onApplied((applied) => {
    // A member joined or left, or the room was renamed.
    if (store.get().openRoom !== applied.roomId || !applied.messages.some((message) => message.system)) return;
    void rooms.refresh(applied.roomId);
  });
  socket.on('connect', () => {
    own.wake?.();
    if (!first) void session.whileConnected(rooms.refreshList).then((done) => done && own.listed.emit());
    first = false;
    // What could not be loaded without a connection is loaded with it.
    void rooms.readOpen();
  });
  socket.on('newMessage', (event) => takeMessages(own, event));
  socket.on('messageChanged', (event) => takeMessages(own, event));
  socket.on('roomChanged', (event) => rooms.changed(event));
  socket.on('resync', () => feeds.resyncAll());
  socket.on('heads', (event) => {
    if (store.get().roomsLoaded) takeHeads(own, event);
    else own.early.heads = event;
  });
}

function takeMessages({ store, feeds, rooms, early }: Own, event: MessagesEvent): void {
  if (!store.get().roomsLoaded) early.events.push(event);
  else if (feeds.has(event.roomId)) feeds.receive(event);
  else void rooms.refresh(event.roomId);
}

function takeHeads(own: Own, event: HeadsEvent): void {
  const { store, feeds, rooms } = own;
  const { epoch: known } = store.get();
  store.update(() => ({ epoch: event.epoch }));
  if (known !== undefined && known !== event.epoch) {
    void reset(own);
    own.heads.emit(0);
    return;
  }
  const { missing, unknown } = feeds.observeHeads(event.heads);
  for (const roomId of unknown) void rooms.refresh(roomId);
  own.heads.emit(missing);
}

/** Another store answers: all state is dropped, except unsent messages. */
async function reset(own: Own): Promise<void> {
  const { feeds, rooms, settled } = own;
  feeds.clear();
  own.resetting = true;
  // The socket says so too, and that ends the page.
  const isFinal = (error: unknown) => codeOf(error) === 'unauthenticated';
  await retry(rooms.replaceList, { isFinal }).catch(() => undefined);
  own.resetting = false;
  await rooms.readOpen();
  settled.emit();
}

/** A connection ends the pause between two attempts. */
async function loadRooms(own: Own): Promise<boolean> {
  const { store, session, rooms, listed, early } = own;
  const pause = (ms: number) =>
    Promise.race([
      sleep(ms),
      new Promise<void>((resolve) => {
        own.wake = resolve;
      }),
    ]);
  try {
    await retry(rooms.refreshList, { isFinal: (error) => codeOf(error) === 'unauthenticated', pause });
  } catch {
    session.end({ why: 'expired' });
    return false;
  }
  // The session is another user's, and so are the events that arrived meanwhile.
  if (!store.get().roomsLoaded) return false;
  listed.emit();
  const { events, heads } = early;
  early.events = [];
  early.heads = undefined;
  for (const event of events) takeMessages(own, event);
  if (heads) takeHeads(own, heads);
  return true;
}
