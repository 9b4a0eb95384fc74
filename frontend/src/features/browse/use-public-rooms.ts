/** The public rooms, as the server lists them, and as I join them. */
import { useEffect, useMemo, useState } from 'react';
import type { PublicRoom } from '../../api/contract';
import { explain } from '../../api/explain';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';

export function usePublicRooms() {
  const { join: enter, listPublic } = useRoomActions();
  const notify = useNotify();
  const { words } = useLanguage();
  const mine = useChatState((state) => state.rooms);
  const [list, setList] = useState<readonly PublicRoom[]>();
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new try reads again
  useEffect(() => {
    setFailed(false);
    listPublic().then(setList, () => setFailed(true));
  }, [listPublic, tries]);
  const join = async (room: PublicRoom) => {
    try {
      await enter(room.id);
      setList((now) =>
        now?.map((other) =>
          other.id === room.id ? { ...other, joined: true, memberCount: other.memberCount + 1 } : other,
        ),
      );
      notify(words.browse.youJoined(room.name), {
        action: { label: words.common.open, run: () => navigate(paths.room(room.id)) },
      });
    } catch (problem) {
      notify(explain(problem, words).text, { bad: true });
    }
  };
  const rooms = useMemo(
    () => list?.map((room) => ({ ...room, joined: mine[room.id]?.myRole !== undefined || room.joined })),
    [list, mine],
  );
  return { rooms, failed, join: (room: PublicRoom) => void join(room), reload: () => setTries(tries + 1) };
}
