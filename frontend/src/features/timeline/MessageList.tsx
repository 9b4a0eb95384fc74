/** The loaded messages: a virtual list that keeps its place in both directions. */
import { ArrowDown } from 'lucide-react';
import { type ReactNode, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Member, Message } from '../../api/contract';
import { useLanguage } from '../../lib/i18n';
import { createStore } from '../../lib/store';
import { isConnected } from '../../model/connection';
import type { Row } from '../../model/timeline/row';
import { useHistory } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { type ListHandle, type Sight, VirtualList } from '../../ui/virtual-list/VirtualList';
import { Item } from './Item';
import { DayPill, UnreadPill } from './Pills';
import { MessageRow } from './row/MessageRow';
import { type JumpProps, useJump } from './use-jump';
import { useReadMark } from './use-read-mark';
import { useRowKeys } from './use-row-keys';
import { useFaces } from './use-rows';
import { useSentScroll } from './use-sent-scroll';

const NO_FACES: readonly Member[] = [];
const keyOf = (row: Row) => row.key;

type Props = JumpProps & { roomId: string; rows: readonly Row[]; over: ReactNode };

export function MessageList({ roomId, rows, jumpTo, onJumped, over }: Props) {
  const { words } = useLanguage();
  const { loadBefore, loadAfter, loadEnd } = useHistory();
  const list = useRef<ListHandle>(null);
  const timeline = useChatState((state) => state.timelines[roomId]);
  const room = useChatState((state) => state.rooms[roomId]);
  const quoted = useChatState((state) => state.quoted);
  const loading = useChatState((state) => state.loading[roomId]);
  const connected = useChatState((state) => isConnected(state.connection) || state.connection.at === 'connecting');
  const { faces, newestMine, seenUpTo } = useFaces(roomId);
  const [lit, setLit] = useState<string>();
  const [top] = useState(() => createStore(0));
  const [toUnread, setToUnread] = useState(false);
  const [scrolling, setScrolling] = useState(false);
  const [atEnd, setAtEnd] = useState(true);
  const hasAfter = timeline?.hasAfter ?? false;
  const byId = useMemo(() => new Map(rows.map((row) => [row.message?.id, row.message])), [rows]);
  const unreadIndex = rows.findIndex((row) => row.newSince !== undefined);
  const unreadKey = rows[unreadIndex]?.key;

  const { activeKey, setActive, onKeyDown } = useRowKeys(roomId, rows, list);
  useSentScroll(rows, list);
  useJump({ roomId, rows, jumpTo, onJumped, list, setLit });
  useReadMark(roomId, rows, atEnd && !hasAfter, list);
  useLayoutEffect(() => {
    if (!toUnread || unreadKey === undefined) return;
    list.current?.show(unreadKey, 'start');
    setToUnread(false);
  }, [toUnread, unreadKey]);

  const onSight = useCallback(
    (sight: Sight) => {
      top.set(() => sight.first);
      setAtEnd(sight.atEnd);
    },
    [top],
  );
  const toEnd = useCallback(async () => {
    await loadEnd(roomId);
    list.current?.toEnd();
  }, [loadEnd, roomId]);

  return (
    <div className="tl" onKeyDown={onKeyDown} role="none">
      {over && <div className="tl-over">{over}</div>}
      {scrolling && <DayPill rows={rows} top={top} />}
      <VirtualList
        handle={list}
        className="tl-list"
        role="log"
        aria-label={words.room.messages}
        aria-live={atEnd && loading === undefined ? 'polite' : 'off'}
        aria-relevant="additions"
        aria-busy={loading === 'before'}
        tabIndex={-1}
        rows={rows}
        keyOf={keyOf}
        open={!hasAfter}
        onStart={() => void loadBefore(roomId)}
        onEnd={() => void loadAfter(roomId)}
        onSight={onSight}
        onScrolling={setScrolling}
        draw={(row) => (
          <Item row={row}>
            <MessageRow
              row={row}
              source={sourceOf(row, byId, quoted)}
              faces={(row.message && faces.get(row.message.id)) ?? NO_FACES}
              newestMine={row.message !== undefined && row.message.id === newestMine}
              passed={row.message !== undefined && row.message.seq < seenUpTo}
              active={row.key === activeKey}
              lit={row.key === lit}
              connected={connected}
              onFocus={setActive}
            />
          </Item>
        )}
      />
      <UnreadPill roomId={roomId} rows={rows} unreadIndex={unreadIndex} top={top} onJump={() => setToUnread(true)} />
      {(!atEnd || hasAfter) && (
        <button type="button" className="pill" onClick={() => void toEnd()}>
          <ArrowDown className="i" aria-hidden="true" />
          {room && room.unread > 0 ? words.room.jumpNew(room.unread) : words.room.toEnd}
        </button>
      )}
    </div>
  );
}

function sourceOf(
  row: Row,
  loaded: ReadonlyMap<string | undefined, Message | undefined>,
  quoted: Readonly<Record<string, Message>>,
): Message | undefined {
  const id = row.message?.replyTo ?? row.pending?.replyTo;
  return id === undefined ? undefined : (loaded.get(id) ?? quoted[id]);
}
