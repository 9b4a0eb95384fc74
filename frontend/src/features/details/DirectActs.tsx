/** Takes a conversation of two off my list, and back. */
import { Eye, EyeOff } from 'lucide-react';
import type { Room } from '../../api/contract';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useWords } from '../../lib/i18n';
import { roomTitle } from '../../model/room/room';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { useAttempt } from './use-attempt';

export function DirectActs({ room }: { room: Room }) {
  const words = useWords();
  const t = words.details;
  const rooms = useRoomActions();
  const notify = useNotify();
  const attempt = useAttempt();
  const show = (then: () => void = () => undefined) =>
    attempt(async () => {
      await rooms.show(room.id);
      then();
    });
  const hide = () =>
    attempt(async () => {
      const left = await rooms.hide(room);
      if (!left.hidden) return;
      navigate(paths.home);
      const undo = () => void show(() => navigate(paths.room(room.id)));
      notify(t.youHid(roomTitle(room)), { action: { label: words.common.undo, run: undo } });
    });
  return (
    <div className="panel-acts">
      <button type="button" className="person act" onClick={() => void (room.hidden ? show() : hide())}>
        {room.hidden ? <Eye className="i" aria-hidden="true" /> : <EyeOff className="i" aria-hidden="true" />}
        {room.hidden ? t.show : t.hide}
      </button>
    </div>
  );
}
