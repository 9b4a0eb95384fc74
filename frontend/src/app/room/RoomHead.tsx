/** The bar above a conversation: what it is, and who is there. */
import { ArrowLeft, Ellipsis, PanelRight } from 'lucide-react';
import type { Room } from '../../api/contract';
import { KindIcon } from '../../features/rooms/RoomGlyph';
import { paths } from '../../lib/browser/paths';
import { goBack } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { clockWithDay } from '../../lib/text/time';
import { partnerOf, roomTitle } from '../../model/room/room';
import { useChatState, useConnected, usePresence } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';

type Props = { roomId: string; room: Room | undefined; phone: boolean; panel: boolean; onPanel: () => void };

export function RoomHead({ roomId, room, phone, panel, onPanel }: Props) {
  const { words } = useLanguage();
  const partner = room && partnerOf(room);
  const title = room ? roomTitle(room) : '';
  const sub = useSubtitle(roomId, room, phone);
  const dot = usePresence(partner?.id)?.status;
  const about = partner ? words.room.aboutPerson : words.room.about;
  if (phone) {
    return (
      <header className="phead">
        <IconButton label={words.common.back} onClick={() => goBack(paths.home)}>
          <ArrowLeft className="i i-20" />
        </IconButton>
        <div className="grow phead-text">
          <h1 className="trunc" {...langProps(title)}>
            {title}
          </h1>
          <div className="muted phead-sub trunc">{sub}</div>
        </div>
        <IconButton label={about} onClick={onPanel} disabled={!room}>
          <Ellipsis className="i i-20" />
        </IconButton>
      </header>
    );
  }
  return (
    <header className="head">
      {partner ? <Avatar user={partner} size={28} dot={dot} /> : room && <KindIcon kind={room.kind} size={18} />}
      <h1 className="trunc" {...langProps(title)}>
        {title}
      </h1>
      <span className="topic trunc" {...langProps(sub)}>
        {sub}
      </span>
      <div className="acts">
        <IconButton label={about} on={panel} aria-pressed={panel} onClick={onPanel} disabled={!room}>
          <PanelRight className="i i-18" />
        </IconButton>
      </div>
    </header>
  );
}

/** For a person where they are; for a room its topic, or on a phone how many are here. */
function useSubtitle(roomId: string, room: Room | undefined, phone: boolean): string {
  const { words, locale } = useLanguage();
  const partnerId = room && partnerOf(room)?.id;
  const presence = useChatState((state) => state.presence);
  const members = useChatState((state) => state.members[roomId]);
  const connected = useConnected();
  if (!room) return '';
  const t = words.room;
  if (partnerId !== undefined) {
    const known = presence[partnerId];
    if (known?.status === 'offline' || !connected)
      return known?.lastSeenAt ? t.lastSeen(clockWithDay(known.lastSeenAt, locale)) : '';
    return known ? (known.status === 'online' ? t.isOnline : t.away) : '';
  }
  if (!phone) return room.topic ?? '';
  const here = members?.filter((member) => presence[member.user.id]?.status === 'online').length ?? 0;
  return connected && here > 0 ? `${t.people(room.memberCount)}, ${t.online(here + 1)}` : t.people(room.memberCount);
}
