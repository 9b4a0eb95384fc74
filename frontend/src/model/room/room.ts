/** Rooms as the list shows them. */
import type { Room, User } from '../../api/contract';

export type Section = 'rooms' | 'groups' | 'direct';

function sectionOf(room: Room): Section {
  if (room.kind === 'direct') return 'direct';
  return room.kind === 'group' ? 'groups' : 'rooms';
}

/** Whether it is in my lists: I am a member, and have not hidden it. */
export function isListed(room: Room): boolean {
  return room.myRole !== undefined && !room.hidden;
}

/** The other one of a direct conversation. */
export function partnerOf(room: Room): User | undefined {
  return room.kind === 'direct' ? room.people[0] : undefined;
}

export function titleOf(room: Room, fallback: string): string {
  if (room.name) return room.name;
  if (room.people.length === 0) return fallback;
  return room.people.map((user) => user.displayName).join(', ');
}

/** What the room is called where it has neither a name nor people: its alias. */
export function roomTitle(room: Room): string {
  return titleOf(room, room.alias);
}

/** The room with the changed profile of a user in it. */
export function withFace(room: Room, user: User): Room {
  if (!room.people.some((person) => person.id === user.id)) return room;
  return { ...room, people: room.people.map((person) => (person.id === user.id ? user : person)) };
}

export function activityOf(room: Room): string {
  return room.lastMessage?.createdAt ?? room.createdAt;
}

export function byActivity(a: Room, b: Room): number {
  return activityOf(b).localeCompare(activityOf(a));
}

/** Rooms and groups by name, direct ones by activity. */
export function sections(rooms: readonly Room[]): Record<Section, Room[]> {
  const out: Record<Section, Room[]> = { rooms: [], groups: [], direct: [] };
  for (const room of rooms) out[sectionOf(room)].push(room);
  const byName = (a: Room, b: Room) => titleOf(a, '').localeCompare(titleOf(b, '')) || a.id.localeCompare(b.id);
  out.rooms.sort(byName);
  out.groups.sort(byName);
  out.direct.sort(byActivity);
  return out;
}

export function mayModerate(room: Room): boolean {
  return room.myRole === 'owner' || room.myRole === 'moderator';
}
