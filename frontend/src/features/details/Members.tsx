/** Who is in the room: owners first, then moderators. */
import { UserPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Role, Room } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { MemberRow } from './MemberRow';

const SHOWN_MAX = 100;
const ORDER: Readonly<Record<Role, number>> = { owner: 0, moderator: 1, member: 2 };

export function Members({ room, onAdd }: { room: Room; onAdd: () => void }) {
  const words = useWords();
  const t = words.details;
  const members = useChatState((state) => state.members[room.id]);
  const [shown, setShown] = useState(SHOWN_MAX);
  const sorted = useMemo(() => [...(members ?? [])].sort((a, b) => ORDER[a.role] - ORDER[b.role]), [members]);
  return (
    <>
      <div className="people-head">
        <h3>{t.peopleCount(room.memberCount)}</h3>
        {room.kind !== 'direct' && room.myRole && (
          <button type="button" className="btn link sm" onClick={onAdd}>
            <UserPlus className="i i-14" aria-hidden="true" />
            {t.add}
          </button>
        )}
      </div>
      <ul>
        {sorted.slice(0, shown).map((member) => (
          <MemberRow key={member.user.id} room={room} member={member} />
        ))}
      </ul>
      {sorted.length > shown && (
        <button type="button" className="btn plain sm" onClick={() => setShown(shown + SHOWN_MAX)}>
          {words.common.more}
        </button>
      )}
    </>
  );
}
