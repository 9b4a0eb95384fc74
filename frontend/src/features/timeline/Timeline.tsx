/** The messages of a room, or what stands in their place. */
import type { ReactNode } from 'react';
import { useLanguage } from '../../lib/i18n';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { MessageSkeleton } from '../../ui/Skeleton';
import { MessageList } from './MessageList';
import type { JumpProps } from './use-jump';
import { useTimelineRows } from './use-rows';

type Props = JumpProps & { roomId: string; empty: ReactNode; onRetry: () => void };

export function Timeline({ roomId, empty, onRetry, ...jump }: Props) {
  const { words } = useLanguage();
  const timeline = useChatState((state) => state.timelines[roomId]);
  const failure = useChatState((state) => state.failures[roomId]);
  const rows = useTimelineRows(roomId);
  if (rows.length > 0) {
    const unspoken = timeline?.hasBefore === false && rows.every((row) => row.message?.system);
    return <MessageList key={roomId} roomId={roomId} rows={rows} over={unspoken && empty} {...jump} />;
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
