/** Which public rooms are shown, and in which order. */
import type { PublicRoom } from '../../api/contract';

export type Sort = 'active' | 'name' | 'people';

export function filtered(rooms: readonly PublicRoom[], query: string, joinedOnly: boolean): readonly PublicRoom[] {
  const asked = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rooms.filter((room) => {
    if (joinedOnly && !room.joined) return false;
    const text = `${room.name} ${room.topic ?? ''}`.toLowerCase();
    return asked.every((word) => text.includes(word));
  });
}

export function sorted(rooms: readonly PublicRoom[], sort: Sort): readonly PublicRoom[] {
  const by: Record<Sort, (a: PublicRoom, b: PublicRoom) => number> = {
    active: (a, b) => (b.activeAt ?? '').localeCompare(a.activeAt ?? ''),
    name: (a, b) => a.name.localeCompare(b.name),
    people: (a, b) => b.memberCount - a.memberCount,
  };
  return [...rooms].sort(by[sort]);
}
