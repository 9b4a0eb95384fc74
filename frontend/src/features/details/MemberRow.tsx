/** One member: presence, role, and what a moderator may do. */
import { Ellipsis, MessageSquare, Shield, UserMinus } from 'lucide-react';
import { useState } from 'react';
import type { Member, Role, Room } from '../../api/contract';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { clockWithDay } from '../../lib/text/time';
import { mayModerate } from '../../model/room/room';
import { useRoomActions } from '../../realtime/hooks/use-actions';
import { useChatState, useConnected, usePresence } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { Menu, type MenuItem } from '../../ui/overlay/Menu';
import { useAttempt } from './use-attempt';

export function MemberRow({ room, member }: { room: Room; member: Member }) {
  const { words, locale } = useLanguage();
  const meId = useChatState((state) => state.me.id);
  const presence = usePresence(member.user.id);
  const connected = useConnected();
  const [menu, setMenu] = useState<HTMLElement>();
  const items = useActions(room, member);
  const { user, role } = member;
  const mine = user.id === meId;
  const where =
    presence?.status === 'away'
      ? words.room.away
      : presence?.status === 'offline' && presence.lastSeenAt
        ? words.room.lastSeen(clockWithDay(presence.lastSeenAt, locale))
        : '';
  const sub = mine ? words.common.you : role !== 'member' ? words.role[role] : where;
  return (
    <li className="person">
      <Avatar user={user} size={28} dot={mine && connected ? 'online' : presence?.status} />
      <div className="grow">
        <div className="trunc" title={`@${user.username}`} {...langProps(user.displayName)}>
          {user.displayName}
        </div>
      </div>
      <span className="sub">{sub}</span>
      {items.length > 0 && (
        <IconButton
          small
          className="person-more"
          label={words.details.memberActions(user.displayName)}
          aria-haspopup="menu"
          aria-expanded={menu !== undefined}
          onClick={(event) => setMenu(event.currentTarget)}
        >
          <Ellipsis className="i" />
        </IconButton>
      )}
      {menu && (
        <Menu
          anchor={menu}
          label={words.details.memberActions(user.displayName)}
          items={items}
          onClose={() => setMenu(undefined)}
        />
      )}
    </li>
  );
}

function useActions(room: Room, member: Member): readonly MenuItem[] {
  const { words } = useLanguage();
  const { talkTo, setRole, removeMember } = useRoomActions();
  const run = useAttempt();
  const meId = useChatState((state) => state.me.id);
  const t = words.details;
  const { user, role } = member;
  if (user.id === meId || room.kind === 'direct') return [];
  const talk = async () => {
    const direct = await talkTo(user.id);
    navigate(paths.room(direct.id));
  };
  const items: MenuItem[] = [{ label: t.message, icon: <MessageSquare className="i" />, run: () => void run(talk) }];
  const to = (next: Role, label: string) => {
    items.push({ label, icon: <Shield className="i" />, run: () => void run(() => setRole(room.id, user.id, next)) });
  };
  if (room.myRole === 'owner') {
    if (role !== 'owner') to('owner', t.makeOwner);
    if (role !== 'moderator') to('moderator', t.makeModerator);
    if (role !== 'member') to('member', t.makeMember);
  }
  if (mayModerate(room) && (role === 'member' || room.myRole === 'owner')) {
    const away = () => void run(() => removeMember(room.id, user.id));
    items.push({ label: t.remove, icon: <UserMinus className="i" />, danger: true, run: away });
  }
  return items;
}
