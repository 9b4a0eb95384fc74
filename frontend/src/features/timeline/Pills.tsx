/** Pills over the timeline: the day that is on screen, and the way up to what is unread. */
import { ArrowUp } from 'lucide-react';
import { useLanguage } from '../../lib/i18n';
import { type Store, useStore } from '../../lib/store';
import { dayLabel } from '../../lib/text/time';
import type { Row } from '../../model/timeline/row';
import { useHistory } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const whole = (index: number) => index;

export function DayPill({ rows, top }: { rows: readonly Row[]; top: Store<number> }) {
  const { locale } = useLanguage();
  const index = useStore(top, whole);
  const row = rows[index];
  if (!row || (row.day !== undefined && index === 0)) return null;
  return (
    <div className="day-pill" aria-hidden="true">
      {dayLabel(row.createdAt, locale)}
    </div>
  );
}

type Props = {
  roomId: string;
  rows: readonly Row[];
  unreadIndex: number;
  top: Store<number>;
  onJump: () => void;
};

/** Shown while the first unread one is above the screen, loaded or not. */
export function UnreadPill({ roomId, rows, unreadIndex, top, onJump }: Props) {
  const { words } = useLanguage();
  const { loadAt } = useHistory();
  const index = useStore(top, whole);
  const mark = useChatState((state) => state.unreadAfter[roomId]);
  const meId = useChatState((state) => state.me.id);
  if (!mark) return null;
  const loaded = unreadIndex >= 0;
  if (loaded && unreadIndex >= index) return null;
  const count = loaded
    ? rows.slice(unreadIndex).filter((row) => row.message && !row.message.system && row.senderId !== meId).length
    : mark.count;
  const first = rows.find((row) => row.message)?.message;
  if (count === 0 || (!loaded && (first === undefined || first.seq <= mark.seq))) return null;
  return (
    <button
      type="button"
      className="pill up"
      onClick={() => {
        onJump();
        if (!loaded) void loadAt(roomId, mark.seq);
      }}
    >
      <ArrowUp className="i" aria-hidden="true" />
      {words.room.jumpUnread(count)}
    </button>
  );
}
