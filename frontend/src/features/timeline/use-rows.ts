/** The rows of the open room, and where the list keeps its place while they change. */
import { useMemo, useRef } from 'react';
import type { Message } from '../../api/contract';
import { useDelayed } from '../../lib/media';
import { dayKey } from '../../lib/time';
import { ofRoom } from '../../model/outbox';
import { facesOf } from '../../model/receipt';
import { buildRows, type Row, shiftOf } from '../../model/row';
import { useChatState } from '../../realtime/use-chat';

const NO_MESSAGES: readonly Message[] = [];
const WATERLINE_AFTER_MS = 1000;
const FIRST_INDEX = 1_000_000_000;

export function useTimelineRows(roomId: string): readonly Row[] {
  const timeline = useChatState((state) => state.timelines[roomId]);
  const outbox = useChatState((state) => state.outbox);
  const unreadAfter = useChatState((state) => state.unreadAfter[roomId]?.seq);
  const meId = useChatState((state) => state.me.id);
  const pending = useMemo(
    () => (timeline?.hasAfter ? [] : ofRoom(outbox, roomId)),
    [outbox, roomId, timeline?.hasAfter],
  );
  const waterline = useDelayed(pending.length > 0, WATERLINE_AFTER_MS);
  const messages = timeline?.messages ?? NO_MESSAGES;
  // The line stands only where the first unread one is really loaded.
  const begins = unreadAfter !== undefined && (timeline?.hasBefore !== true || (messages[0]?.seq ?? 0) <= unreadAfter);
  return useMemo(
    () =>
      buildRows({
        messages,
        pending,
        meId,
        waterline,
        dayOf: dayKey,
        ...(unreadAfter !== undefined && begins ? { unreadAfter } : {}),
      }),
    [messages, pending, meId, unreadAfter, begins, waterline],
  );
}

/** Index of the first row on a ruler that does not move, and a number that changes with the window. */
export function useRuler(rows: readonly Row[]): { first: number; generation: number } {
  const kept = useRef({ rows, first: FIRST_INDEX, generation: 0 });
  const { current } = kept;
  if (current.rows !== rows) {
    const elsewhere = current.rows.length > 0 && rows.length > 0 && !overlap(current.rows, rows);
    kept.current = {
      rows,
      first: elsewhere ? FIRST_INDEX : current.first - shiftOf(current.rows, rows),
      generation: current.generation + (elsewhere ? 1 : 0),
    };
  }
  return kept.current;
}

function overlap(a: readonly Row[], b: readonly Row[]): boolean {
  const seqs = (rows: readonly Row[]) => rows.flatMap((row) => (row.message ? [row.message.seq] : []));
  const [x, y] = [seqs(a), seqs(b)];
  if (x.length === 0 || y.length === 0) return true;
  return (x[0] ?? 0) <= (y.at(-1) ?? 0) && (y[0] ?? 0) <= (x.at(-1) ?? 0);
}

export function useFaces(roomId: string) {
  const messages = useChatState((state) => state.timelines[roomId])?.messages ?? NO_MESSAGES;
  const members = useChatState((state) => state.members[roomId]);
  const meId = useChatState((state) => state.me.id);
  return useMemo(() => {
    const faces = facesOf(messages, members ?? [], meId);
    const mine = messages.filter((m) => m.senderId === meId && !m.system && !m.deletedAt);
    const seenUpTo = Math.max(-1, ...mine.filter((m) => faces.has(m.id)).map((m) => m.seq));
    return { faces, newestMine: mine.at(-1)?.id, seenUpTo };
  }, [messages, members, meId]);
}
