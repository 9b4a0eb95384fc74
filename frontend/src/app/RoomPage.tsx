/** One open room: head, banner, timeline, composer, panel. */
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import type { Message, Room } from '../api/contract';
import { useAttach } from '../features/composer/attachments';
import { Composer } from '../features/composer/Composer';
import { ComposerFoot } from '../features/composer/Foot';
import { Announcer } from '../features/connection/Announcer';
import { Banner } from '../features/connection/Banner';
import { RowsProvider } from '../features/timeline/RowsProvider';
import { Timeline } from '../features/timeline/Timeline';
import { useWords } from '../lib/i18n';
import { langProps } from '../lib/lang';
import { NARROW, useMedia } from '../lib/media';
import { paths } from '../lib/paths';
import { useStep } from '../lib/route';
import { roomTitle } from '../model/room/room';
import { findMessage } from '../model/timeline/timeline';
import { useDrafts, useHistory, useNotify, useReading } from '../realtime/hooks/use-actions';
import { useChatState } from '../realtime/hooks/use-chat-state';
import { Link } from '../ui/Link';
import { JoinBar } from './JoinBar';
import { RoomHead } from './RoomHead';

const Details = lazy(() => import('../features/details/Details').then((m) => ({ default: m.Details })));

type Props = { roomId: string; seq: number | undefined; known: boolean; phone: boolean; onAdd: () => void };

export function RoomPage({ roomId, seq, known, phone, onAdd }: Props) {
  const words = useWords();
  const room = useChatState((state) => state.rooms[roomId]);
  const failure = useChatState((state) => state.missing[roomId]);
  const refused =
    failure === 'notFound' || failure === 'notMember' || failure === 'forbidden' || failure === 'invalidRequest';
  if (!room && (refused || (!known && failure !== undefined))) {
    return (
      <main className="main center" data-region>
        <div className="empty">
          <h1>{words.room.gone}</h1>
          <p>{words.room.goneText}</p>
          <Link to={paths.home} className="btn">
            {words.room.toList}
          </Link>
        </div>
      </main>
    );
  }
  return <Conversation roomId={roomId} seq={seq} room={room} phone={phone} onAdd={onAdd} />;
}

type Target = { id: string; at: number };

function target(id: string): Target {
  return { id, at: Date.now() };
}

function targetOf(roomId: string, seq: number | undefined): Target | undefined {
  return seq === undefined ? undefined : target(`${roomId}-${seq}`);
}

function Conversation({ roomId, seq, room, phone, onAdd }: Omit<Props, 'known'> & { room: Room | undefined }) {
  const words = useWords();
  const drafts = useDrafts();
  const notify = useNotify();
  const { loadNewest } = useHistory();
  const { read, clearUnreadLine } = useReading();
  const narrow = useMedia(NARROW);
  const [panel, setPanel] = usePanel(narrow, phone);
  const [jumpTo, setJumpTo] = useState(() => targetOf(roomId, seq));
  const attach = useAttach(roomId);
  const [dragging, setDragging] = useState(false);
  const replyTo = useChatState((state) => state.drafts[roomId]?.replyTo);
  const timeline = useChatState((state) => state.timelines[roomId]);
  const meId = useChatState((state) => state.me.id);
  const changing = useChatState((state) => state.changing);
  const quoted = useChatState((state) => state.quoted);
  const source = replyTo === undefined ? undefined : (findMessage(timeline, replyTo) ?? quoted[replyTo]);
  const member = room?.myRole !== undefined;

  const jump = useCallback((id: string) => setJumpTo(target(id)), []);
  const jumped = useCallback(
    (found: boolean) => {
      setJumpTo(undefined);
      if (!found) notify(words.room.notThere);
    },
    [notify, words],
  );
  const opened = useRef(seq);
  useEffect(() => {
    if (seq !== opened.current) setJumpTo(targetOf(roomId, seq));
    opened.current = seq;
  }, [roomId, seq]);
  const reply = useCallback(
    (message: Message) => {
      drafts.change(roomId, { replyTo: message.id, edit: undefined });
      document.getElementById('composer')?.focus();
    },
    [drafts, roomId],
  );
  const edit = useCallback(
    (message: Message) => drafts.change(roomId, { edit: { message, text: message.content } }),
    [drafts, roomId],
  );
  const editLast = () => {
    const last = timeline?.messages.findLast((m) => m.senderId === meId && !m.system && !m.deletedAt);
    if (last) edit({ ...last, ...changing[last.id] });
  };
  const markAllRead = () => {
    clearUnreadLine(roomId);
    const last = timeline?.messages.at(-1);
    if (last && !timeline?.hasAfter) read(roomId, last.seq);
  };
  const showPanel = panel && room !== undefined;
  if (phone && showPanel) {
    return (
      <Suspense>
        <Details
          room={room}
          onClose={() => setPanel(false)}
          onAdd={onAdd}
          onJump={(id) => {
            setPanel(false);
            jump(id);
          }}
        />
      </Suspense>
    );
  }
  return (
    <div className={`conv${showPanel ? ' with-panel' : ''}`}>
      <main
        className={`main${dragging ? ' dragging' : ''}`}
        data-region
        onDragOver={(event) => {
          if (!member || !event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setDragging(true);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDragging(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setDragging(false);
          if (member) void attach([...event.dataTransfer.files]);
        }}
      >
        <RoomHead roomId={roomId} room={room} phone={phone} panel={showPanel} onPanel={() => setPanel(!panel)} />
        <Banner />
        {room && !member ? (
          <LookedAt room={room} />
        ) : (
          <RowsProvider roomId={roomId} onJump={jump} onReply={reply} onEdit={edit}>
            <Timeline
              roomId={roomId}
              jumpTo={jumpTo}
              onJumped={jumped}
              empty={<EmptyRoom room={room} />}
              onRetry={() => void loadNewest(roomId)}
            />
          </RowsProvider>
        )}
        <div className="comp">
          {room && !member ? (
            <JoinBar room={room} />
          ) : (
            <>
              <Composer
                roomId={roomId}
                title={room ? roomTitle(room) : ''}
                source={source}
                onEditLast={editLast}
                onEscape={markAllRead}
              />
              <ComposerFoot roomId={roomId} />
            </>
          )}
        </div>
        {dragging && <div className="drop-here">{words.room.dropHere}</div>}
        <Announcer roomId={roomId} />
      </main>
      {showPanel && (
        <Suspense fallback={<aside className="panel" aria-busy="true" />}>
          <Details room={room} onClose={() => setPanel(false)} onAdd={onAdd} onJump={jump} />
        </Suspense>
      )}
    </div>
  );
}

const PANEL = 'chat.panel';

/** Open or not is remembered where there is room for it; on a phone it is a page. */
function usePanel(narrow: boolean, phone: boolean): [boolean, (open: boolean) => void] {
  const page = useStep(PANEL);
  const [open, setOpen] = useState(() => !narrow && localStorage.getItem(PANEL) === 'open');
  useEffect(() => {
    if (narrow) setOpen(false);
  }, [narrow]);
  if (phone) return page;
  return [
    open,
    (next) => {
      setOpen(next);
      if (!narrow) localStorage.setItem(PANEL, next ? 'open' : 'closed');
    },
  ];
}

/** A public room that I am not in: what it is for, and who is there. */
function LookedAt({ room }: { room: Room }) {
  const words = useWords();
  return (
    <div className="tl tl-empty">
      <div className="empty">
        <h2 {...langProps(roomTitle(room))}>{roomTitle(room)}</h2>
        {room.topic && <p {...langProps(room.topic)}>{room.topic}</p>}
        <p>{words.room.people(room.memberCount)}</p>
      </div>
    </div>
  );
}

function EmptyRoom({ room }: { room: Room | undefined }) {
  const words = useWords();
  return (
    <div className="empty">
      <h2>{words.room.empty}</h2>
      <p>{room?.kind === 'direct' ? words.room.emptyDirect : words.room.emptyText}</p>
    </div>
  );
}
