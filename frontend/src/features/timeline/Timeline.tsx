/** The messages of a room: a virtual list that keeps its place in both directions. */
import { ArrowDown } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Member, Message } from '../../api/contract';
import { useLanguage } from '../../lib/i18n';
import { createStore } from '../../lib/store';
import { clock, dayLabel } from '../../lib/time';
import { isConnected } from '../../model/connection';
import { justSent, type Row } from '../../model/timeline/row';
import { useHistory, useReading } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { MessageSkeleton } from '../../ui/Skeleton';
import { type ListHandle, type Sight, SteadyList } from '../../ui/steady/SteadyList';
import { MessageRow } from './MessageRow';
import { DayPill, UnreadPill } from './Pills';
import { useFaces, useTimelineRows } from './use-rows';

const LIT_MS = 1200;
const NO_FACES: readonly Member[] = [];
const keyOf = (row: Row) => row.key;

type Target = { readonly id: string; readonly at: number };

type JumpProps = { jumpTo: Target | undefined; onJumped: (found: boolean) => void };

type Props = JumpProps & { roomId: string; empty: ReactNode; onRetry: () => void };

export function Timeline({ roomId, empty, onRetry, ...jump }: Props) {
  const { words } = useLanguage();
  const timeline = useChatState((state) => state.timelines[roomId]);
  const failure = useChatState((state) => state.failures[roomId]);
  const rows = useTimelineRows(roomId);
  if (rows.length > 0) {
    const unspoken = timeline?.hasBefore === false && rows.every((row) => row.message?.system);
    return <List key={roomId} roomId={roomId} rows={rows} over={unspoken && empty} {...jump} />;
  }
  if (timeline && !timeline.hasBefore) return <div className="tl tl-empty">{empty}</div>;
  if (!timeline && failure === undefined) {
    return (
      <div className="tl">
        <MessageSkeleton />
      </div>
    );
  }
  return (
    <div className="tl tl-empty">
      <div className="empty">
        <h2>{words.room.loadFailed}</h2>
        <p>{failure === 'noAnswer' ? words.problem.offline : words.problem.unavailable}</p>
        <button type="button" className="btn" onClick={onRetry}>
          {words.common.tryAgain}
        </button>
      </div>
    </div>
  );
}

type ListProps = JumpProps & { roomId: string; rows: readonly Row[]; over: ReactNode };

function List({ roomId, rows, jumpTo, onJumped, over }: ListProps) {
  const { words } = useLanguage();
  const { loadBefore, loadAfter, loadEnd } = useHistory();
  const { clearUnreadLine } = useReading();
  const list = useRef<ListHandle>(null);
  const timeline = useChatState((state) => state.timelines[roomId]);
  const room = useChatState((state) => state.rooms[roomId]);
  const quoted = useChatState((state) => state.quoted);
  const loading = useChatState((state) => state.loading[roomId]);
  const connected = useChatState((state) => isConnected(state.connection) || state.connection.at === 'connecting');
  const { faces, newestMine, seenUpTo } = useFaces(roomId);
  const [active, setActive] = useState<string>();
  const [lit, setLit] = useState<string>();
  const [top] = useState(() => createStore(0));
  const [toUnread, setToUnread] = useState(false);
  const [scrolling, setScrolling] = useState(false);
  const [atEnd, setAtEnd] = useState(true);
  const hasAfter = timeline?.hasAfter ?? false;
  const byId = useMemo(() => new Map(rows.map((row) => [row.message?.id, row.message])), [rows]);
  const activeKey = active !== undefined && rows.some((row) => row.key === active) ? active : rows.at(-1)?.key;
  const unreadIndex = rows.findIndex((row) => row.newSince !== undefined);
  const unreadKey = rows[unreadIndex]?.key;

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

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return clearUnreadLine(roomId);
    const el = event.target;
    if (!(el instanceof HTMLElement) || el.dataset['row'] === undefined) return;
    const at = rows.findIndex((row) => row.key === el.dataset['row']);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || event.altKey) return;
    event.preventDefault();
    focusRow(list.current, rows, Math.max(0, Math.min(rows.length - 1, to)), setActive);
  };

  return (
    <div className="tl" onKeyDown={onKeyDown} role="none">
      {over && <div className="tl-over">{over}</div>}
      {scrolling && <DayPill rows={rows} top={top} />}
      <SteadyList
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

function Item({ row, children }: { row: Row; children: ReactNode }) {
  const { words, locale } = useLanguage();
  const keeps = useChatState((state) => state.keeps);
  return (
    <div className="item">
      {row.day !== undefined && (
        <div className="day" role="separator">
          {dayLabel(row.createdAt, locale)}
        </div>
      )}
      {row.newSince !== undefined && (
        <div className="newline" role="separator">
          {words.room.newSince(clock(row.newSince))}
        </div>
      )}
      {row.gap && (
        <div className="gap" role="separator">
          {words.room.gap}
        </div>
      )}
      {row.waterline && (
        <div className="waterline">
          <span>
            <b>{words.waterline.title}</b> {keeps ? words.waterline.text : words.waterline.notKept}
          </span>
        </div>
      )}
      {children}
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

/** What is on screen in a window that has the focus is read. */
function useReadMark(roomId: string, rows: readonly Row[], atEnd: boolean, list: { current: ListHandle | null }): void {
  const { read, setWatching } = useReading();
  const newest = rows.findLast((row) => row.message)?.message;
  useEffect(() => {
    const mark = () => {
      // What was drawn last may be about to go elsewhere: the list knows.
      const looking = document.hasFocus() && document.visibilityState === 'visible';
      const watching = atEnd && list.current?.isAtEnd() === true && looking;
      setWatching(watching);
      if (watching && newest) read(roomId, newest.seq);
    };
    mark();
    const signs = ['focus', 'blur'] as const;
    for (const sign of signs) window.addEventListener(sign, mark);
    document.addEventListener('visibilitychange', mark);
    return () => {
      for (const sign of signs) window.removeEventListener(sign, mark);
      document.removeEventListener('visibilitychange', mark);
    };
  }, [read, setWatching, roomId, newest, atEnd, list]);
}

/** What I send is on screen at once, wherever I was. */
function useSentScroll(rows: readonly Row[], list: { current: ListHandle | null }): void {
  const keys = useMemo(() => new Set(rows.filter((row) => row.pending).map((row) => row.key)), [rows]);
  const before = useRef(keys);
  const sent = useRef<string>(undefined);
  useLayoutEffect(() => {
    const fresh = justSent(before.current, rows);
    before.current = keys;
    if (fresh !== undefined) {
      sent.current = fresh;
      list.current?.toEnd();
    } else if (sent.current !== undefined && rows.some((row) => row.gap)) {
      // Far up in the history the end is not followed, and the waterline comes above it a moment later.
      list.current?.show(sent.current, 'nearest');
      if (rows.some((row) => row.waterline)) sent.current = undefined;
    }
  }, [rows, keys, list]);
}

type Jump = {
  roomId: string;
  rows: readonly Row[];
  jumpTo: Target | undefined;
  onJumped: (found: boolean) => void;
  list: { current: ListHandle | null };
  setLit: (key: string | undefined) => void;
};

/** Goes to a message, once, loading around it first where it is not here, and lights it up. */
function useJump({ roomId, rows, jumpTo, onJumped, list, setLit }: Jump): void {
  const { loadAround } = useHistory();
  const asked = useRef(0);
  const key = jumpTo && rows.find((row) => row.message?.id === jumpTo.id)?.key;
  useLayoutEffect(() => {
    if (!jumpTo) return;
    if (key === undefined) {
      if (asked.current === jumpTo.at) return;
      asked.current = jumpTo.at;
      void loadAround(roomId, jumpTo.id).then((found) => found || onJumped(false));
      return;
    }
    onJumped(true);
    list.current?.show(key, 'center');
    setLit(key);
    setTimeout(() => setLit(undefined), LIT_MS);
  }, [loadAround, roomId, jumpTo, key, onJumped, list, setLit]);
}

function focusRow(
  list: ListHandle | null,
  rows: readonly Row[],
  index: number,
  setActive: (key: string) => void,
): void {
  const key = rows[index]?.key;
  if (key === undefined) return;
  setActive(key);
  list?.show(key, 'nearest');
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  });
}
