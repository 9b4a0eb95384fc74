/** What the quick switcher offers for what was typed. */
import { useEffect, useMemo, useState } from 'react';
import type { PublicRoom, Room, User } from '../../api/contract';
import { listPublicRooms } from '../../api/room';
import { rank } from '../../model/match';
import { activityOf, partnerOf, titleOf } from '../../model/room/room';
import { mentionCount } from '../../model/room/unread';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { useFound } from '../../realtime/hooks/use-found';

const SHOWN_MAX = 6;

export type Hit =
  | { kind: 'room'; room: Room; user?: User }
  | { kind: 'public'; open: PublicRoom }
  | { kind: 'user'; user: User };

export function keyOf(hit: Hit): string {
  return hit.kind === 'room' ? hit.room.id : hit.kind === 'public' ? hit.open.id : hit.user.id;
}

export function useHits(query: string, roomsOnly: boolean): { rooms: Hit[]; people: Hit[] } {
  const state = useChatState((s) => s.rooms);
  const [open, setOpen] = useState<readonly PublicRoom[]>([]);
  const found = useFound(query);
  useEffect(() => {
    listPublicRooms().then(setOpen, () => undefined);
  }, []);
  return useMemo(() => {
    const mine = Object.values(state).filter((room) => room.myRole !== undefined);
    const rooms: Hit[] = ranked(
      mine.filter((room) => room.kind !== 'direct'),
      query,
    ).map((room) => ({ kind: 'room', room }));
    const others = open.filter(
      (room) => state[room.id]?.myRole === undefined && query !== '' && rank(room.name, query) > 0,
    );
    for (const room of others) rooms.push({ kind: 'public', open: room });
    if (roomsOnly) return { rooms: rooms.slice(0, SHOWN_MAX * 2), people: [] };
    const direct = ranked(
      mine.filter((room) => room.kind === 'direct'),
      query,
    );
    const people: Hit[] = direct.map((room) => {
      const user = partnerOf(room);
      return user ? { kind: 'room', room, user } : { kind: 'room', room };
    });
    const talked = new Set(mine.map((room) => partnerOf(room)?.id));
    for (const user of found) {
      if (!talked.has(user.id)) people.push({ kind: 'user', user });
    }
    return { rooms: rooms.slice(0, SHOWN_MAX), people: people.slice(0, SHOWN_MAX) };
  }, [state, open, found, query, roomsOnly]);
}

/** Unread that names me, then unread, then recent; among equals the better match. */
function ranked(rooms: readonly Room[], query: string): readonly Room[] {
  const match = (room: Room) =>
    Math.max(
      rank(titleOf(room, ''), query),
      ...room.people.map((user) => (room.kind === 'direct' ? rank(user.username, query) : 0)),
    );
  const urgency = (room: Room) => (mentionCount(room) > 0 ? 2 : room.unread > 0 ? 1 : 0);
  return rooms
    .filter((room) => match(room) > 0)
    .sort((a, b) => urgency(b) - urgency(a) || match(b) - match(a) || activityOf(b).localeCompare(activityOf(a)));
}
