/** Actions of the user on rooms: each calls the server, and puts its answer into the list. */
import type { ChangeRoom, CreateRoom, PublicRoom, Role, Room } from '../../api/contract';
import * as api from '../../api/room';
import type { ChatStore } from '../store/store';
import type { Rooms } from './rooms';

export type RoomActions = {
  readonly create: (room: CreateRoom) => Promise<Room>;
  /** The conversation with this user, which may be there already. */
  readonly talkTo: (userId: string) => Promise<Room>;
  /** Joins a public room; where it is open, its messages are loaded. */
  readonly join: (roomId: string) => Promise<void>;
  readonly change: (roomId: string, change: ChangeRoom) => Promise<void>;
  /** Answers the room as it is then: a message that came meanwhile keeps it on the list. */
  readonly hide: (room: Room) => Promise<Room>;
  readonly show: (roomId: string) => Promise<void>;
  readonly leave: (roomId: string) => Promise<void>;
  readonly remove: (roomId: string) => Promise<void>;
  readonly forget: (roomId: string) => void;
  readonly addMembers: (roomId: string, members: readonly string[]) => Promise<void>;
  readonly setRole: (roomId: string, userId: string, role: Role) => Promise<void>;
  readonly removeMember: (roomId: string, userId: string) => Promise<void>;
  readonly listPublic: () => Promise<readonly PublicRoom[]>;
};

type Deps = { store: ChatStore; rooms: Pick<Rooms, 'put' | 'refresh' | 'forget'> };

export function createRoomActions({ store, rooms }: Deps): RoomActions {
  const create = async (body: CreateRoom) => {
    const { room } = await api.createRoom(body);
    rooms.put(room);
    return room;
  };
  const thenRefresh = async (roomId: string, done: Promise<unknown>) => {
    await done;
    await rooms.refresh(roomId);
  };
  return {
    create,
    talkTo: (userId) => create({ kind: 'direct', members: [userId] }),
    join: async (roomId) => {
      rooms.put(await api.joinRoom(roomId));
      await rooms.refresh(roomId);
    },
    change: async (roomId, change) => {
      rooms.put(await api.changeRoom(roomId, change));
      void rooms.refresh(roomId);
    },
    hide: async (room) => {
      const left = await api.hideRoom(room.id, room.posts);
      rooms.put(left);
      return left;
    },
    show: async (roomId) => rooms.put(await api.showRoom(roomId)),
    leave: async (roomId) => void (await api.leaveRoom(roomId)),
    remove: async (roomId) => void (await api.deleteRoom(roomId)),
    forget: rooms.forget,
    addMembers: async (roomId, members) => {
      await api.addMembers(roomId, [...members]);
      void rooms.refresh(roomId);
    },
    setRole: (roomId, userId, role) => thenRefresh(roomId, api.setRole(roomId, userId, role)),
    removeMember: (roomId, userId) => thenRefresh(roomId, api.removeMember(roomId, userId)),
    listPublic: async () => {
      const found = await api.listPublicRooms();
      store.update(() => ({ publicCount: found.length }));
      return found;
    },
  };
}
