/** What a room is, who is in it, and what one may do with it. */
import { X } from 'lucide-react';
import type { Room } from '../../api/contract';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { fullDate } from '../../lib/text/time';
import { partnerOf } from '../../model/room/room';
import { IconButton } from '../../ui/IconButton';
import { DirectActs } from './DirectActs';
import { Members } from './Members';
import { Pictures } from './Pictures';
import { RoomActs } from './RoomActs';

type Props = { room: Room; onClose: () => void; onAdd: () => void; onJump: (messageId: string) => void };

export function Details({ room, onClose, onAdd, onJump }: Props) {
  const { words, locale } = useLanguage();
  const t = words.details;
  const direct = room.kind === 'direct';
  const partner = partnerOf(room);
  const heading = direct ? words.room.aboutPerson : words.room.about;
  return (
    <aside className="panel" aria-label={heading} data-region>
      <div className="panel-head">
        <h2 className="grow">{heading}</h2>
        <IconButton label={words.common.close} onClick={onClose}>
          <X className="i i-18" />
        </IconButton>
      </div>
      <div className="panel-body">
        {room.topic && (
          <p className="t2 topic-text prose" {...langProps(room.topic)}>
            {room.topic}
          </p>
        )}
        <p className="muted small-text">{t.made(t.kind[room.kind], fullDate(room.createdAt, locale))}</p>
        {partner && (
          <dl className="facts">
            <dt>{t.username}</dt>
            <dd>@{partner.username}</dd>
          </dl>
        )}
        <Members room={room} onAdd={onAdd} />
        <Pictures roomId={room.id} onJump={onJump} />
        {room.myRole && (direct ? <DirectActs room={room} /> : <RoomActs room={room} />)}
      </div>
    </aside>
  );
}
