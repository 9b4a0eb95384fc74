/** What was read, by me and by others: markers, and the line above what was unread. */
import type { ReadMarkerEvent } from '../../api/contract';
import { getRoom } from '../../api/room';
import { moveMarker } from '../../model/room/receipt';
import { markRead } from '../../model/room/unread';
import type { ChatSocket } from '../socket';
import type { ChatStore } from '../store/store';
import type { ReadMarkers } from './read-markers';

export type Reading = {
  /** Everything up to `seq` was on screen. */
  readonly read: (roomId: string, seq: number) => void;
  /** Whether the newest message of the open room is on screen, in a window that has the focus. */
  readonly setWatching: (watching: boolean) => void;
  readonly clearUnreadLine: (roomId: string) => void;
};

type Deps = { store: ChatStore; socket: ChatSocket; markers: Pick<ReadMarkers, 'want'> };

export function createReading({ store, socket, markers }: Deps): Reading {
  socket.on('readMarker', (event) => received(store, event));
  return {
    read: (roomId, seq) => {
      const { rooms, timelines, me } = store.get();
      const room = rooms[roomId];
      if (room?.myRole === undefined || seq <= room.readSeq) return;
      const next = markRead(room, seq, timelines[roomId]?.messages ?? [], me.id);
      if (next) store.update((state) => ({ rooms: { ...state.rooms, [roomId]: next } }));
      markers.want(roomId, seq);
    },
    setWatching: (watching) => store.update(() => ({ watching })),
    clearUnreadLine: (roomId) =>
      store.update((state) => ({ unreadAfter: { ...state.unreadAfter, [roomId]: undefined } })),
  };
}

function received(store: ChatStore, event: ReadMarkerEvent): void {
  const { me, rooms, timelines } = store.get();
  store.update((state) => {
    const members = state.members[event.roomId];
    if (!members) return {};
    const moved = moveMarker(members, event.userId, event.seq);
    return moved === members ? {} : { members: { ...state.members, [event.roomId]: moved } };
  });
  const room = rooms[event.roomId];
  if (event.userId !== me.id || !room) return;
  const next = markRead(room, event.seq, timelines[event.roomId]?.messages ?? [], me.id);
  if (next) store.update((state) => ({ rooms: { ...state.rooms, [event.roomId]: next } }));
  else
    void getRoom(event.roomId).then(
      ({ room: fresh }) => store.update((state) => ({ rooms: { ...state.rooms, [fresh.id]: fresh } })),
      () => undefined,
    );
}
