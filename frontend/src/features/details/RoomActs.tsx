/** What I may do with a room or a group: change it, leave it, delete it. */
import { LogOut, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Room } from '../../api/contract';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useWords } from '../../lib/i18n';
import { mayModerate, roomTitle } from '../../model/room/room';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { Confirm } from '../../ui/overlay/Dialog';
import { RenameDialog } from './RenameDialog';
import { useAttempt } from './use-attempt';

export function RoomActs({ room }: { room: Room }) {
  const words = useWords();
  const t = words.details;
  const rooms = useRoomActions();
  const notify = useNotify();
  const attempt = useAttempt();
  const [asking, setAsking] = useState<'leave' | 'delete' | 'rename'>();
  const title = roomTitle(room);
  const leaveLabel = room.kind === 'group' ? t.leaveGroup : t.leave;
  const stop = () => setAsking(undefined);
  const run = (work: () => Promise<unknown>, done: string) =>
    attempt(async () => {
      await work();
      navigate(paths.home);
      rooms.forget(room.id);
      notify(done);
    });
  return (
    <div className="panel-acts">
      {mayModerate(room) && (
        <button type="button" className="person act" onClick={() => setAsking('rename')}>
          <Pencil className="i" aria-hidden="true" />
          {t.rename}
        </button>
      )}
      <button type="button" className="person act bad" onClick={() => setAsking('leave')}>
        <LogOut className="i" aria-hidden="true" />
        {leaveLabel}
      </button>
      {room.myRole === 'owner' && (
        <button type="button" className="person act bad" onClick={() => setAsking('delete')}>
          <Trash2 className="i" aria-hidden="true" />
          {t.deleteRoom}
        </button>
      )}
      {asking === 'rename' && <RenameDialog room={room} onClose={stop} />}
      {asking === 'leave' && (
        <Confirm
          title={t.leaveTitle(title)}
          text={room.kind === 'public' ? t.leavePublic : t.leaveText}
          action={leaveLabel}
          onClose={stop}
          onYes={() => void run(() => rooms.leave(room.id), t.youLeft(title))}
        />
      )}
      {asking === 'delete' && (
        <Confirm
          title={t.deleteTitle(title)}
          text={t.deleteText}
          action={t.deleteRoom}
          onClose={stop}
          onYes={() => void run(() => rooms.remove(room.id), t.youDeleted(title))}
        />
      )}
    </div>
  );
}
