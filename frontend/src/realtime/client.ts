/** The composition root of the realtime client: creates each part with its dependencies, lower ones first. */
import type { Me } from '../api/contract';
import { createRoomCache } from './cache/room-cache';
import { createCatchUp } from './connection/catch-up';
import { createConnection } from './connection/connection';
import { createDraftSync } from './drafts/draft-sync';
import { createDrafts } from './drafts/drafts';
import { createChanges } from './outbox/changes';
import { createCompose } from './outbox/compose';
import { createOutbox } from './outbox/outbox';
import { createPictures } from './outbox/pictures';
import { createPresence } from './presence/presence';
import { createAccount } from './session/account';
import { createSession } from './session/session';
import { createTabs } from './session/tabs';
import { type ChatSocket, openSocket } from './socket';
import { createDirectory } from './store/directory';
import { createNotices } from './store/notices';
import { createStorage } from './store/storage';
import { createChatStore } from './store/store';
import { createFeeds } from './sync/feeds';
import { createGaps } from './sync/gaps';
import { createHistory } from './sync/history';
import { createMessages } from './sync/messages';
import { createOpenRoom } from './sync/open-room';
import { createQuotes } from './sync/quotes';
import { createReadMarkers } from './sync/read-markers';
import { createReading } from './sync/reading';
import { createRoomActions } from './sync/room-actions';
import { createRooms } from './sync/rooms';
import { createSync } from './sync/sync';

export type Client = ReturnType<typeof createClient>;

/** All parts, not started: the socket is not open, and nothing was read from this device. */
export function createClient(me: Me, socket: ChatSocket = openSocket()) {
  const base = createBase(me, socket);
  const { store, storage, directory, session, tabs, drafts } = base;
  const markers = createReadMarkers({ socket, session });
  const feeds = createFeeds();
  const messages = createMessages({ store, directory });
  const history = createHistory({ store, feeds, directory });
  createQuotes({ store, directory, messages });
  const rooms = createRooms({ store, feeds, history, directory, drafts, markers, session });
  const gaps = createGaps({ store, socket, session, feeds, rooms });
  const sync = createSync({ store, socket, session, feeds, messages, history, rooms, gaps });
  const pictures = createPictures({ store, storage });
  const outbox = createOutbox({ store, storage, socket, session, messages, pictures, tabs });
  const draftSync = createDraftSync({ store, socket, session, drafts });
  const cache = createRoomCache({ store, feeds });
  const presence = createPresence({ store, socket, directory });
  const connection = createConnection({ store, socket, session });
  createCatchUp({ store, connection, sync, outbox });
  return {
    ...base,
    feeds,
    messages,
    history,
    rooms,
    sync,
    pictures,
    outbox,
    draftSync,
    cache,
    presence,
    connection,
    account: createAccount({ store, directory }),
    changes: createChanges({ store, socket, session, messages }),
    compose: createCompose({ store, history, drafts, draftSync, pictures, outbox }),
    openRoom: createOpenRoom({ store, history, rooms }),
    reading: createReading({ store, socket, markers }),
    roomActions: createRoomActions({ store, rooms }),
    // Parts stop in reverse order: what they still send goes through the lower ones.
    stop: () => {
      for (const part of [connection, presence, cache, draftSync, markers, drafts, session, tabs, outbox]) part.stop();
    },
  };
}

function createBase(me: Me, socket: ChatSocket) {
  const store = createChatStore(me);
  const storage = createStorage(me.id, (keeps) => store.update(() => ({ keeps })));
  const directory = createDirectory({ store });
  const session = createSession({ store, socket, directory });
  const tabs = createTabs(me.id);
  const drafts = createDrafts({ store, storage, tabs, socket });
  return { store, socket, storage, directory, session, tabs, drafts, notices: createNotices({ store }) };
}

/** Shows the cached state, and connects. */
export function startClient(me: Me, socket?: ChatSocket): Client {
  const client = createClient(me, socket);
  client.session.onEnded(() => void forget(client).catch(() => undefined));
  client.connection.open();
  void restore(client);
  void loadRooms(client).catch(() => undefined);
  return client;
}

/** How many public rooms there are is shown where one is in few rooms. */
async function loadRooms({ sync, roomActions }: Client): Promise<void> {
  if (await sync.loadRooms()) await roomActions.listPublic();
}

async function restore({ cache, storage, drafts, outbox }: Client): Promise<void> {
  const cached = cache.restore().catch(() => undefined);
  const kept = await storage.load().catch(() => ({ outbox: [], drafts: {} }));
  drafts.restore(kept.drafts);
  outbox.restore(kept.outbox);
  await cached;
  outbox.sendDue();
}

/** Deletes all conversations. Unsent messages stay with their account, unless it was signed out. */
async function forget({ store, storage, cache }: Client): Promise<void> {
  const cleared = store.get().ended?.why === 'left' ? storage.clear() : undefined;
  await Promise.all([cleared, cache.clear()]);
}
