/** Opens a room, and drops the messages of rooms that were opened long ago. */
import { withoutAll } from '../../lib/record';
import type { ChatStore } from '../store/store';
import type { History } from './history';
import type { Rooms } from './rooms';

/** Rooms whose messages are held. */
const VISITED_MAX = 20;

/** With the number of a message the room is opened there, else at its end. */
export type OpenRoom = (roomId: string | undefined, seq?: number) => void;

type Deps = { store: ChatStore; history: Pick<History, 'loadAt'>; rooms: Pick<Rooms, 'readOpen' | 'refresh'> };

export function createOpenRoom({ store, history, rooms }: Deps): OpenRoom {
  let visited: readonly string[] = [];
  const visit = (roomId: string) => {
    visited = [...visited.filter((id) => id !== roomId), roomId];
    const old = new Set(visited.slice(0, -VISITED_MAX));
    if (old.size === 0) return;
    visited = visited.slice(-VISITED_MAX);
    store.update(({ timelines, members }) => ({
      timelines: withoutAll(timelines, old),
      members: withoutAll(members, old),
    }));
  };
  return (roomId, seq) => {
    store.update((state) => {
      const room = roomId === undefined ? undefined : state.rooms[roomId];
      const left = state.openRoom;
      const marks = { ...state.unreadAfter };
      if (left !== undefined && left !== roomId) marks[left] = undefined;
      if (roomId !== undefined && room)
        marks[roomId] = room.unread > 0 ? { seq: room.readSeq, count: room.unread } : undefined;
      return { openRoom: roomId, unreadAfter: marks, watching: false };
    });
    if (roomId === undefined) return;
    visit(roomId);
    const { rooms: known, timelines } = store.get();
    const timeline = timelines[roomId];
    if (seq === undefined || (timeline && !timeline.cached)) void rooms.readOpen();
    else if (known[roomId]?.myRole !== undefined) void history.loadAt(roomId, seq);
    void rooms.refresh(roomId);
  };
}
