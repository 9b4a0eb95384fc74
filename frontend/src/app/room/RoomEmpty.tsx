/** In the timeline's place, where there is none: a room that I am not in, and one in which nothing was written. */
import type { Room } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { roomTitle } from '../../model/room/room';

/** A public room that I am not in: what it is for, and who is there. */
export function LookedAt({ room }: { room: Room }) {
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

export function EmptyRoom({ room }: { room: Room | undefined }) {
  const words = useWords();
  return (
    <div className="empty">
      <h2>{words.room.empty}</h2>
      <p>{room?.kind === 'direct' ? words.room.emptyDirect : words.room.emptyText}</p>
    </div>
  );
}
