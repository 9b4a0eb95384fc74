/** A conversation: head, banner, timeline, composer, panel. */
import { lazy, type ReactNode, Suspense } from 'react';
import type { Room } from '../../api/contract';
import { useAttach } from '../../features/composer/attachments';
import { Composer } from '../../features/composer/Composer';
import { ComposerFoot } from '../../features/composer/Foot';
import { Announcer } from '../../features/connection/Announcer';
import { Banner } from '../../features/connection/Banner';
import { RowsProvider } from '../../features/timeline/RowsProvider';
import { Timeline } from '../../features/timeline/Timeline';
import { NARROW, useMedia } from '../../lib/browser/media';
import { useWords } from '../../lib/i18n';
import { roomTitle } from '../../model/room/room';
import { useHistory } from '../../realtime/hooks/use-actions';
import { JoinBar } from './JoinBar';
import { EmptyRoom, LookedAt } from './RoomEmpty';
import { RoomHead } from './RoomHead';
import { useConversation } from './use-conversation';
import { useDropFiles } from './use-drop-files';
import { useJumpTarget } from './use-jump-target';
import { usePanel } from './use-panel';

const Details = lazy(() => import('../../features/details/Details').then((m) => ({ default: m.Details })));

type Props = {
  roomId: string;
  seq: number | undefined;
  room: Room | undefined;
  phone: boolean;
  onAdd: () => void;
};

export function Conversation({ roomId, seq, room, phone, onAdd }: Props) {
  const narrow = useMedia(NARROW);
  const [panel, setPanel] = usePanel(narrow, phone);
  const { jump, ...jumping } = useJumpTarget(roomId, seq);
  const { source, reply, edit, editLast, markAllRead } = useConversation(roomId);
  const { loadNewest } = useHistory();
  const isMember = room?.myRole !== undefined;
  const shown = panel ? room : undefined;
  if (phone && shown) {
    const jumpAndClose = (id: string) => {
      setPanel(false);
      jump(id);
    };
    return (
      <Suspense>
        <Details room={shown} onClose={() => setPanel(false)} onAdd={onAdd} onJump={jumpAndClose} />
      </Suspense>
    );
  }
  return (
    <div className={`conv${shown ? ' with-panel' : ''}`}>
      <Main roomId={roomId} isMember={isMember}>
        <RoomHead
          roomId={roomId}
          room={room}
          phone={phone}
          panel={shown !== undefined}
          onPanel={() => setPanel(!panel)}
        />
        <Banner />
        {room && !isMember ? (
          <LookedAt room={room} />
        ) : (
          <RowsProvider roomId={roomId} onJump={jump} onReply={reply} onEdit={edit}>
            <Timeline
              roomId={roomId}
              {...jumping}
              empty={<EmptyRoom room={room} />}
              onRetry={() => void loadNewest(roomId)}
            />
          </RowsProvider>
        )}
        <div className="comp">
          {room && !isMember ? (
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
      </Main>
      {shown && (
        <Suspense fallback={<aside className="panel" aria-busy="true" />}>
          <Details room={shown} onClose={() => setPanel(false)} onAdd={onAdd} onJump={jump} />
        </Suspense>
      )}
    </div>
  );
}

/** Takes files that are dropped anywhere on it. */
function Main({ roomId, isMember, children }: { roomId: string; isMember: boolean; children: ReactNode }) {
  const words = useWords();
  const { dragging, handlers } = useDropFiles(isMember, useAttach(roomId));
  return (
    <main className={`main${dragging ? ' dragging' : ''}`} data-region {...handlers}>
      {children}
      {dragging && <div className="drop-here">{words.room.dropHere}</div>}
      <Announcer roomId={roomId} />
    </main>
  );
}
