/** Puts the parts of the live page together. */
import type { HeadsEvent, Me } from '../api/contract';
import { codeOf } from '../api/problem';
import { listPublicRooms } from '../api/room';
import { backoffMs } from '../model/backoff';
import { restored } from '../model/outbox';
import { type Chat, createChat, endAll, update } from './chat';
import { type Control, startConnection } from './connection';
import { restoreCopies, startCopies } from './copies';
import { askSync, endSyncs, onHeads, onMessages, onReadMarker, onResync } from './deliver';
import { onDraftChanged, startDrafts } from './drafts';
import { confirm, startIdentity } from './identity';
import { startMarkers } from './markers';
import { onPresence, onTyping, onUserChanged, type People, startPeople } from './people';
import { persist } from './persist';
import { onRoomChanged, readOpen, refreshRooms } from './rooms';
import { startSender } from './sender';
import { startTabs } from './tabs';
import { startTeller } from './teller';

export type Live = {
  readonly chat: Chat;
  readonly control: Control;
  readonly people: People;
  readonly stop: () => void;
};

export function startLive(me: Me): Live {
  const chat = createChat(me);
  chat.sync = (roomId) => askSync(chat, roomId);
  startSender(chat);
  startTabs(chat);
  startIdentity(chat);
  startDrafts(chat);
  const tellMarkers = startMarkers(chat);
  const tellDrafts = startTeller(chat);
  startCopies(chat);
  const people = startPeople(chat);
  let heldHeads: HeadsEvent | undefined;
  let wake: () => void = () => undefined;

  const control = startConnection(chat, (first) => {
    people.onConnect();
    wake();
    const { id } = chat.wire;
    void persist(chat, async () => {
      if (!(await confirm(chat)) || chat.wire.id !== id) return;
      chat.mine = true;
      chat.pump();
      tellMarkers();
      tellDrafts();
    });
    if (!first) void persist(chat, () => refreshRooms(chat)).then((done) => done && control.listed());
    // What could not be loaded without a connection is loaded with it.
    void readOpen(chat);
  });
  const takeHeads = (event: HeadsEvent) => control.heads(onHeads(chat, event));

  chat.wire.on('newMessage', (event) => onMessages(chat, event));
  chat.wire.on('messageChanged', (event) => onMessages(chat, event));
  chat.wire.on('roomChanged', (event) => onRoomChanged(chat, event));
  chat.wire.on('readMarker', (event) => onReadMarker(chat, event));
  chat.wire.on('draftChanged', (event) => onDraftChanged(chat, event));
  chat.wire.on('typing', (event) => onTyping(chat, event));
  chat.wire.on('presence', (event) => onPresence(chat, [event]));
  chat.wire.on('userChanged', (event) => onUserChanged(chat, event));
  chat.wire.on('resync', () => onResync(chat));
  chat.wire.on('moving', (event) => control.move(event.afterMs));
  chat.wire.on('closing', (event) => {
    if (event.reason === 'signedOut') chat.end({ why: 'expired' });
  });
  chat.wire.on('disconnect', () => endSyncs(chat));
  chat.wire.on('heads', (event) => {
    if (chat.store.get().roomsLoaded) takeHeads(event);
    else heldHeads = event;
  });

  void restore(chat);
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  void loadRooms(chat, pause, () => {
    control.listed();
    const early = chat.early;
    chat.early = [];
    for (const event of early) onMessages(chat, event);
    if (heldHeads) takeHeads(heldHeads);
  });

  return {
    chat,
    control,
    people,
    stop: () => endAll(chat),
  };
}

async function restore(chat: Chat): Promise<void> {
  const copies = restoreCopies(chat).catch(() => undefined);
  chat.restored = restoreUnsent(chat);
  await chat.restored;
  chat.tellDrafts('soon');
  await copies;
  chat.pump();
}

async function restoreUnsent(chat: Chat): Promise<void> {
  const kept = await chat.storage.load().catch(() => ({ outbox: [], drafts: {} }));
  update(chat, (state) => ({
    outbox: [...restored(kept.outbox), ...state.outbox],
    drafts: { ...kept.drafts, ...state.drafts },
    outboxLoaded: true,
  }));
}

type Pause = (ms: number) => Promise<void>;

/** Asks until it is there; a connection ends the pause between two tries. */
async function loadRooms(chat: Chat, pause: Pause, then: () => void): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await refreshRooms(chat);
      break;
    } catch (error) {
      if (codeOf(error) === 'unauthenticated') {
        chat.end({ why: 'expired' });
        return;
      }
      await pause(backoffMs(attempt, Math.random()));
    }
  }
  then();
  const found = await listPublicRooms().catch(() => undefined);
  if (found) update(chat, () => ({ publicCount: found.length }));
}
