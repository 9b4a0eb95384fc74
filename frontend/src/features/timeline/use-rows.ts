/** The rows of the open room. */
import { useMemo } from 'react';
import type { Message } from '../../api/contract';
import { useDelayed } from '../../lib/browser/media';
import { dayKey } from '../../lib/text/time';
import { ofRoom } from '../../model/outbox';
import { facesOf } from '../../model/room/receipt';
import { buildRows, type Row } from '../../model/timeline/row';
import { withChanges } from '../../model/timeline/timeline';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const NO_MESSAGES: readonly Message[] = [];
const WATERLINE_AFTER_MS = 1000;

export function useTimelineRows(roomId: string): readonly Row[] {
  const timeline = useChatState((state) => state.timelines[roomId]);
  const outbox = useChatState((state) => state.outbox);
  const unreadAfter = useChatState((state) => state.unreadAfter[roomId]?.seq);
  const meId = useChatState((state) => state.me.id);
  const hasAfter = timeline?.hasAfter ?? false;
  const hasBefore = timeline?.hasBefore ?? true;
  const pending = useMemo(() => ofRoom(outbox, roomId), [outbox, roomId]);
  const waterline = useDelayed(pending.length > 0, WATERLINE_AFTER_MS);
  const changing = useChatState((state) => state.changing);
  const loaded = timeline?.messages ?? NO_MESSAGES;
  const messages = useMemo(() => withChanges(loaded, changing), [loaded, changing]);
  // The line stands only where the first unread one is really loaded.
  const begins = unreadAfter !== undefined && (timeline?.hasBefore !== true || (messages[0]?.seq ?? 0) <= unreadAfter);
  return useMemo(
    () =>
      buildRows({
        messages,
        pending,
        meId,
        waterline,
        hasAfter,
        hasBefore,
        dayOf: dayKey,
        ...(unreadAfter !== undefined && begins ? { unreadAfter } : {}),
      }),
    [messages, pending, meId, unreadAfter, begins, waterline, hasAfter, hasBefore],
  );
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
