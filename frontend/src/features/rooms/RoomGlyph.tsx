/** People are circles, rooms are glyphs. */
import { Hash, Lock, Users } from 'lucide-react';
import type { Room, RoomKind } from '../../api/contract';
import { partnerOf } from '../../model/room/room';
import { usePresence } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';

export function KindIcon({ kind, size = 16 }: { kind: RoomKind; size?: 14 | 16 | 18 | 20 }) {
  const className = size === 16 ? 'i' : `i i-${size}`;
  if (kind === 'group') return <Users className={className} aria-hidden="true" />;
  return kind === 'private' ? (
    <Lock className={className} aria-hidden="true" />
  ) : (
    <Hash className={className} aria-hidden="true" />
  );
}

export function RoomGlyph({ room, size }: { room: Room; size: 20 | 24 | 28 | 44 }) {
  const partner = partnerOf(room);
  const dot = usePresence(partner?.id)?.status;
  if (partner) return <Avatar user={partner} size={size} dot={dot} />;
  if (size === 44) {
    return (
      <span className="gl">
        <KindIcon kind={room.kind} size={20} />
      </span>
    );
  }
  return (
    <span className="glyph">
      <KindIcon kind={room.kind} size={size === 28 ? 18 : 16} />
    </span>
  );
}
