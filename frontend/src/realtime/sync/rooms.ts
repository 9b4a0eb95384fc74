/** The rooms of the user, without their messages. */
import type { Code, Room, RoomChangedEvent } from '../../api/contract';
import { codeOf } from '../../api/problem';
import { history as fetchHistory, getRoom, listRooms } from '../../api/room';
import { without } from '../../lib/record';
import { fresher, isAhead } from '../../model/room/unread';
import { fromPage } from '../../model/timeline/timeline';
import type { Drafts } from '../drafts/drafts';
import type { Session } from '../session/session';
import type { Directory } from '../store/directory';
import type { ChatStore } from '../store/store';
import type { Feeds } from './feeds';
import type { History } from './history';
import type { ReadMarkers } from './read-markers';

export type Rooms = {
  /** Reads the list. Newer state of this device stays. */
  readonly refreshList: () => Promise<void>;
  /** Replaces the list by that of another store: the former state is dropped. */
  readonly replaceList: () => Promise<void>;
  /** Reads one room with its members; concurrent calls share one request. */
  readonly refresh: (roomId: string) => Promise<void>;
  /** Puts a room in the list (where I am a member) and begins to follow it. */
  readonly put: (room: Room) => void;
  readonly forget: (roomId: string) => void;
  readonly changed: (event: RoomChangedEvent) => void;
  /** Loads the messages of the open room, where there are none or only cached ones. */
  readonly readOpen: () => Promise<void>;
  /** Reloads a room and its newest page; returns its new cursor. */
  readonly readAnew: (roomId: string) => Promise<number>;
};

type Deps = {
  store: ChatStore;
  feeds: Pick<Feeds, 'start' | 'drop'>;
  history: Pick<History, 'loadNewest' | 'isLoading'>;
  directory: Directory;
  drafts: Pick<Drafts, 'revision' | 'receiveFromRooms'>;
  markers: Pick<ReadMarkers, 'want'>;
  session: Pick<Session, 'confirm'>;
};

type Own = Deps & {
  /** The rooms that are being read. */
  readonly calls: Map<string, Promise<void>>;
};

export function createRooms(deps: Deps): Rooms {
  const own: Own = { ...deps, calls: new Map() };
  return {
    refreshList: () => refreshList(own),
    replaceList: () => replaceList(own),
    refresh: (roomId) => refresh(own, roomId),
    put: (room) => put(own, room),
    forget: (roomId) => forget(own, roomId),
    changed: (event) => changed(own, event),
    readOpen: () => readOpen(own),
    readAnew: (roomId) => readAnew(own, roomId),
  };
}

async function refreshList(own: Own): Promise<void> {
  const { store, drafts, session } = own;
  const { rooms, roomsLoaded } = store.get();
  const revision = drafts.revision();
  const [mine, list] = await Promise.all([session.confirm(), listRooms()]);
  if (!mine) return;
  // A room that was made or entered meanwhile is not in the answer.
  take(own, list, Object.keys(roomsLoaded ? rooms : store.get().rooms));
  drafts.receiveFromRooms(list, revision);
}

async function replaceList(own: Own): Promise<void> {
  const { store, drafts } = own;
  const revision = drafts.revision();
  const list = await listRooms();
  store.update(() => ({ timelines: {}, rooms: {}, members: {}, quoted: {}, unreadAfter: {} }));
  take(own, list, []);
  drafts.receiveFromRooms(list, revision);
}

function take(own: Own, list: readonly Room[], before: readonly string[]): void {
  const { store, directory } = own;
  directory.learnUsers(list.flatMap((room) => room.people));
  const ids = new Set(list.map((room) => room.id));
  const { rooms } = store.get();
  // A public room that is only looked at is in nobody's list.
  for (const id of before) if (!ids.has(id) && rooms[id]?.myRole !== undefined) forget(own, id);
  const known = store.get().rooms;
  const fresh = Object.fromEntries(list.map((room) => [room.id, fresher(known[room.id], room)]));
  store.update((state) => ({ rooms: { ...state.rooms, ...fresh }, roomsLoaded: true }));
  for (const room of list) follow(own, known[room.id], room);
}

/** Follows a room that I am in, reads it where it is open, and reports a marker that the server does not have. */
function follow(own: Own, known: Room | undefined, room: Room): void {
  if (room.myRole === undefined) return;
  own.feeds.start(room.id, room.head);
  if (known && isAhead(known, room)) own.markers.want(room.id, known.readSeq);
  if (own.store.get().openRoom === room.id) void readOpen(own);
}

async function readOpen({ store, history }: Own): Promise<void> {
  const { openRoom, rooms, timelines } = store.get();
  if (openRoom === undefined || rooms[openRoom]?.myRole === undefined) return;
  // Where it was opened at one of its messages, that is what is wanted.
  if (history.isLoading(openRoom)) return;
  const timeline = timelines[openRoom];
  if (!timeline || timeline.cached) await history.loadNewest(openRoom);
}

function refresh(own: Own, roomId: string): Promise<void> {
  const { calls } = own;
  const call = calls.get(roomId) ?? read(own, roomId).finally(() => calls.delete(roomId));
  calls.set(roomId, call);
  return call;
}

async function read(own: Own, roomId: string): Promise<void> {
  try {
    const revision = own.drafts.revision();
    const detail = await getRoom(roomId);
    own.directory.learnDetail(detail);
    put(own, detail.room);
    own.drafts.receiveFromRooms([detail.room], revision);
  } catch (error) {
    missing(own, roomId, codeOf(error));
  }
}

function missing(own: Own, roomId: string, code: Code | 'noAnswer'): void {
  if (isGone(code)) forget(own, roomId);
  own.store.update((state) => ({ missing: { ...state.missing, [roomId]: code } }));
}

export function isGone(code: Code | 'noAnswer'): boolean {
  return code === 'notFound' || code === 'notMember' || code === 'forbidden';
}

function put(own: Own, room: Room): void {
  const known = own.store.get().rooms[room.id];
  own.directory.learnUsers(room.people);
  own.store.update((state) => ({
    rooms: { ...state.rooms, [room.id]: fresher(known, room) },
    missing: without(state.missing, room.id),
  }));
  follow(own, known, room);
}

function forget({ store, feeds }: Own, roomId: string): void {
  feeds.drop(roomId);
  store.update((state) => ({
    rooms: without(state.rooms, roomId),
    timelines: without(state.timelines, roomId),
    members: without(state.members, roomId),
    failures: without(state.failures, roomId),
    missing: { ...state.missing, [roomId]: 'notFound' },
  }));
}

function changed(own: Own, { roomId, change }: RoomChangedEvent): void {
  const kind = own.store.get().rooms[roomId]?.kind;
  if (change === 'removed' || change === 'deleted') forget(own, roomId);
  // An answer that is on its way may be from before it.
  if (change === 'hidden' || change === 'shown') void read(own, roomId);
  // A public room can still be viewed after leaving it.
  else if (change === 'removed' ? kind === 'public' : change !== 'deleted') void refresh(own, roomId);
}

async function readAnew({ store, directory }: Own, roomId: string): Promise<number> {
  const open = store.get().openRoom === roomId;
  const [detail, page] = await Promise.all([getRoom(roomId), open ? fetchHistory(roomId, {}) : undefined]);
  directory.learnDetail(detail);
  if (page) directory.learnPage(page);
  store.update(({ rooms, timelines }) => ({
    rooms: { ...rooms, [roomId]: detail.room },
    timelines: page ? { ...timelines, [roomId]: fromPage(page) } : without(timelines, roomId),
  }));
  return Math.min(detail.room.head, page?.head ?? detail.room.head);
}
