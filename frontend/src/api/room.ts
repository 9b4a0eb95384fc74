/** Rooms, members, history, messages. */
import { get, patch, post, put, remove, type Uploading, upload } from './client';
import type {
  ChangeRoom,
  CreatedRoom,
  CreateRoom,
  HistoryPage,
  PublicRoom,
  Role,
  Room,
  RoomDetail,
  Upload,
} from './contract';

const PAGE = 50;

export type Where = { beforeSeq: number } | { afterSeq: number } | { aroundSeq: number } | Record<string, never>;

const room = (id: string): string => `/api/rooms/${encodeURIComponent(id)}`;

export const listRooms = (): Promise<Room[]> => get('/api/rooms');
export const listPublicRooms = (): Promise<PublicRoom[]> => get('/api/rooms/public');
export const getRoom = (id: string): Promise<RoomDetail> => get(room(id));
export const createRoom = (body: CreateRoom): Promise<CreatedRoom> => post('/api/rooms', body);
export const changeRoom = (id: string, body: ChangeRoom): Promise<Room> => patch(room(id), body);
export const deleteRoom = (id: string): Promise<null> => remove(room(id));
export const joinRoom = (id: string): Promise<Room> => post(`${room(id)}/join`);
export const leaveRoom = (id: string): Promise<null> => post(`${room(id)}/leave`);
/** `posts`: how many messages I know of; one that came since keeps the room on my list. */
export const hideRoom = (id: string, posts: number): Promise<Room> => put(`${room(id)}/hidden?posts=${posts}`);
export const showRoom = (id: string): Promise<Room> => remove(`${room(id)}/hidden`);
export const addMembers = (id: string, members: string[]): Promise<unknown> => post(`${room(id)}/members`, { members });
export const setRole = (id: string, userId: string, role: Role): Promise<unknown> =>
  patch(`${room(id)}/members/${userId}`, { role });
export const removeMember = (id: string, userId: string): Promise<null> => remove(`${room(id)}/members/${userId}`);

export function history(id: string, where: Where, limit: number = PAGE): Promise<HistoryPage> {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [key, value] of Object.entries(where)) query.set(key, String(value));
  return get(`${room(id)}/messages?${query}`);
}

export const uploadImage = (file: Blob, name: string, uploading: Uploading): Promise<Upload> =>
  upload('/api/uploads', file, name, uploading);
