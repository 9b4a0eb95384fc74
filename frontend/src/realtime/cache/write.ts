/** Writes the changes since the last write into the room cache. */
import type { Room } from '../../api/contract';
import { byActivity } from '../../model/room/room';
import type { Timeline } from '../../model/timeline/timeline';
import type { ChatState } from '../store/state';
import type { ChatStore } from '../store/store';
import type { Feeds } from '../sync/feeds';
import { cacheDatabase, recordsOf } from './database';

/** Rooms whose messages are cached: the most active ones. */
const ROOMS_MAX = 30;
const MESSAGES_MAX = 100;

/** What is on the disk. */
type Saved = {
  readonly rooms: Map<string, Room>;
  readonly timelines: Map<string, Timeline['messages']>;
  users: ChatState['users'] | undefined;
  epoch: string | undefined;
};

export function nothingSaved(): Saved {
  return { rooms: new Map(), timelines: new Map(), users: undefined, epoch: undefined };
}

type Source = { store: ChatStore; feeds: Pick<Feeds, 'cursor'> };

export async function writeCache({ store, feeds }: Source, saved: Saved): Promise<void> {
  if (!store.get().roomsLoaded) return;
  // A page that is being left has no time to wait for a promise.
  const db = cacheDatabase.opened() ?? (await cacheDatabase.open());
  const { me, rooms, timelines, users, ended, epoch } = store.get();
  // The user may have signed out by now: then nothing is written.
  if (ended) return;
  const mine = Object.values(rooms).filter((room) => room.myRole !== undefined);
  const recent = new Set([...mine].sort(byActivity).slice(0, ROOMS_MAX));
  const tx = db.transaction(['room', 'timeline', 'about'], 'readwrite', { durability: 'relaxed' });
  const [roomStore, timelineStore] = [tx.objectStore('room'), tx.objectStore('timeline')];
  const drop = (roomId: string) => {
    saved.rooms.delete(roomId);
    saved.timelines.delete(roomId);
    void roomStore.delete([me.id, roomId]);
    void timelineStore.delete([me.id, roomId]);
  };
  const writeTimeline = (roomId: string) => {
    const cursor = feeds.cursor(roomId);
    const messages = timelines[roomId]?.messages;
    const timeline = shortened(timelines[roomId]);
    if (!timeline || !messages || cursor === undefined || saved.timelines.get(roomId) === messages) return;
    saved.timelines.set(roomId, messages);
    void timelineStore.put({ userId: me.id, roomId, epoch, cursor, timeline });
  };
  if (saved.epoch !== epoch) saved.timelines.clear();
  // Cached rooms may have been deleted.
  if (saved.rooms.size === 0) void roomStore.delete(recordsOf(me.id));
  for (const id of [...saved.rooms.keys()]) if (rooms[id]?.myRole === undefined) drop(id);
  for (const room of mine) {
    if (saved.rooms.get(room.id) !== room) void roomStore.put({ userId: me.id, roomId: room.id, room });
    saved.rooms.set(room.id, room);
    if (recent.has(room)) writeTimeline(room.id);
    else if (saved.timelines.delete(room.id)) void timelineStore.delete([me.id, room.id]);
  }
  if (saved.users !== users || saved.epoch !== epoch) {
    void tx.objectStore('about').put({ epoch, users: Object.values(users) }, me.id);
  }
  saved.users = users;
  saved.epoch = epoch;
  tx.commit();
  await tx.done;
}

function shortened(timeline: Timeline | undefined): Timeline | undefined {
  if (!timeline || timeline.hasAfter) return undefined;
  const messages = timeline.messages.slice(-MESSAGES_MAX);
  const hasBefore = timeline.hasBefore || messages.length < timeline.messages.length;
  return { messages, hasBefore, hasAfter: false };
}
