/** Unread messages that name me, from all rooms, as far back as they go. */
import { useEffect, useMemo, useState } from 'react';
import type { HistoryPage, Message, Room } from '../../api/contract';
import { history, type Where } from '../../api/room';
import { isForMe } from '../../model/mention';
import { mentionCount } from '../../model/room/unread';
import { useLearnPage } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const PAGE = 100;
const PAGES_MAX = 10;

type Found = { readonly room: Room; readonly message: Message };

type Read = { readonly messages: readonly Message[]; readonly more: boolean };

type Mentions = {
  readonly found: readonly Found[];
  /** Rooms with more of them further up. */
  readonly more: readonly Room[];
  readonly failed: boolean;
};

/** `undefined` until it is known. */
export function useMentions(): [Mentions | undefined, () => void] {
  const learnPage = useLearnPage();
  const meId = useChatState((state) => state.me.id);
  const rooms = useChatState((state) => state.rooms);
  const loaded = useChatState((state) => state.roomsLoaded);
  const [read, setRead] = useState<Readonly<Record<string, Read | undefined>>>();
  const [tries, setTries] = useState(0);
  const asking = useMemo(() => Object.values(rooms).filter((room) => mentionCount(room) > 0), [rooms]);
  const key = asking.map((room) => `${room.id}:${room.head}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again where a room has news, or on a new try
  useEffect(() => {
    if (!loaded) return;
    let current = true;
    void Promise.all(asking.map(async (room) => [room.id, await lookBack(room, meId, learnPage)] as const)).then(
      (all) => current && setRead(Object.fromEntries(all)),
    );
    return () => {
      current = false;
    };
  }, [loaded, key, learnPage, tries]);
  const mentions = useMemo(() => {
    if (!read) return undefined;
    const found = asking.flatMap((room) =>
      (read[room.id]?.messages ?? [])
        .filter((message) => isForMe(message, room, meId))
        .map((message) => ({ room, message })),
    );
    return {
      found: found.sort((a, b) => b.message.createdAt.localeCompare(a.message.createdAt)),
      more: asking.filter((room) => read[room.id]?.more === true),
      failed: asking.some((room) => room.id in read && read[room.id] === undefined),
    };
  }, [read, asking, meId]);
  return [mentions, () => setTries((n) => n + 1)];
}

/** Page by page to my marker, or until all are found. A room without an answer is omitted. */
async function lookBack(room: Room, meId: string, learnPage: (page: HistoryPage) => void): Promise<Read | undefined> {
  const messages: Message[] = [];
  // In a direct conversation every message is for me: the newest page will do.
  const pages = room.kind === 'direct' ? 1 : PAGES_MAX;
  let where: Where = {};
  for (let n = 0; n < pages; n += 1) {
    let page: HistoryPage;
    try {
      page = await history(room.id, where, PAGE);
    } catch {
      return undefined;
    }
    learnPage(page);
    messages.unshift(...page.messages.filter((message) => isForMe(message, room, meId)));
    const first = page.messages[0];
    const all = messages.length >= mentionCount(room);
    if (all || !first || !page.hasBefore || first.seq <= room.readSeq + 1) return { messages, more: false };
    where = { beforeSeq: first.seq };
  }
  return { messages, more: true };
}
