/** One public room in the list. */
import { Hash } from 'lucide-react';
import type { PublicRoom } from '../../api/contract';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { longWhen } from '../../lib/text/time';

export function RoomItem({ room, onJoin }: { room: PublicRoom; onJoin: (room: PublicRoom) => void }) {
  const { words, locale } = useLanguage();
  const t = words.browse;
  return (
    <li className="pr">
      <span className="gl" aria-hidden="true">
        <Hash className="i i-18" />
      </span>
      <div className="grow pr-text">
        <div className="row">
          <b className="trunc" {...langProps(room.name)}>
            {room.name}
          </b>
          {room.joined && <span className="tag ok">{t.isJoined}</span>}
        </div>
        {room.topic && (
          <div className="t2 trunc pr-topic" {...langProps(room.topic)}>
            {room.topic}
          </div>
        )}
      </div>
      <span className="muted num pr-people">{t.people(room.memberCount)}</span>
      <span className="muted pr-when">{room.activeAt ? longWhen(room.activeAt, locale) : t.quiet}</span>
      {room.joined ? (
        <button
          type="button"
          className="btn sm plain pr-go"
          aria-label={`${t.open} ${room.name}`}
          onClick={() => navigate(paths.room(room.id))}
        >
          {t.open}
        </button>
      ) : (
        <button
          type="button"
          className="btn sm pr-go"
          aria-label={`${t.join} ${room.name}`}
          onClick={() => onJoin(room)}
        >
          {t.join}
        </button>
      )}
    </li>
  );
}
