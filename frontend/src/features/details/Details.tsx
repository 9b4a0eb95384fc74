/** What a room is, who is in it, and what one may do with it. */
import { Eye, EyeOff, LogOut, Pencil, Trash2, UserPlus, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Room } from '../../api/contract';
import { explain } from '../../api/explain';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/lang';
import { paths } from '../../lib/paths';
import { navigate } from '../../lib/route';
import { fullDate } from '../../lib/time';
import { mayModerate, titleOf } from '../../model/room/room';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Confirm } from '../../ui/Dialog';
import { IconButton } from '../../ui/IconButton';
import { MemberRow } from './MemberRow';
import { RenameDialog } from './RenameDialog';

const PICTURES_MAX = 6;
const MEMBERS_SHOWN = 100;

type Props = { room: Room; onClose: () => void; onAdd: () => void; onJump: (messageId: string) => void };

export function Details({ room, onClose, onAdd, onJump }: Props) {
  const { words, locale } = useLanguage();
  const rooms = useRoomActions();
  const notify = useNotify();
  const t = words.details;
  const members = useChatState((state) => state.members[room.id]);
  const [asking, setAsking] = useState<'leave' | 'delete' | 'rename'>();
  const [shown, setShown] = useState(MEMBERS_SHOWN);
  const direct = room.kind === 'direct';
  const title = titleOf(room, room.alias);
  const heading = direct ? words.room.aboutPerson : words.room.about;
  const sorted = useMemo(() => [...(members ?? [])].sort((a, b) => order(b.role) - order(a.role)), [members]);

  const attempt = (work: () => Promise<unknown>) =>
    work().catch((problem) => notify(explain(problem, words).text, { bad: true }));
  const run = (work: () => Promise<unknown>, done: string) =>
    attempt(async () => {
      await work();
      navigate(paths.home);
      rooms.forget(room.id);
      notify(done);
    });
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
      notify(t.youHid(title), { action: { label: words.common.undo, run: undo } });
    });
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
        {direct && room.people[0] && (
          <dl className="facts">
            <dt>{t.username}</dt>
            <dd>@{room.people[0].username}</dd>
          </dl>
        )}
        <div className="people-head">
          <h3>{t.peopleCount(room.memberCount)}</h3>
          {!direct && room.myRole && (
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
          <button type="button" className="btn plain sm" onClick={() => setShown(shown + MEMBERS_SHOWN)}>
            {words.common.more}
          </button>
        )}
        <Pictures roomId={room.id} onJump={onJump} />
        {direct && room.myRole && (
          <div className="panel-acts">
            <button type="button" className="person act" onClick={() => void (room.hidden ? show() : hide())}>
              {room.hidden ? <Eye className="i" aria-hidden="true" /> : <EyeOff className="i" aria-hidden="true" />}
              {room.hidden ? t.show : t.hide}
            </button>
          </div>
        )}
        {!direct && room.myRole && (
          <div className="panel-acts">
            {mayModerate(room) && (
              <button type="button" className="person act" onClick={() => setAsking('rename')}>
                <Pencil className="i" aria-hidden="true" />
                {t.rename}
              </button>
            )}
            <button type="button" className="person act bad" onClick={() => setAsking('leave')}>
              <LogOut className="i" aria-hidden="true" />
              {room.kind === 'group' ? t.leaveGroup : t.leave}
            </button>
            {room.myRole === 'owner' && (
              <button type="button" className="person act bad" onClick={() => setAsking('delete')}>
                <Trash2 className="i" aria-hidden="true" />
                {t.deleteRoom}
              </button>
            )}
          </div>
        )}
      </div>
      {asking === 'rename' && <RenameDialog room={room} onClose={() => setAsking(undefined)} />}
      {asking === 'leave' && (
        <Confirm
          title={t.leaveTitle(title)}
          text={room.kind === 'public' ? t.leavePublic : t.leaveText}
          action={room.kind === 'group' ? t.leaveGroup : t.leave}
          onClose={() => setAsking(undefined)}
          onYes={() => void run(() => rooms.leave(room.id), t.youLeft(title))}
        />
      )}
      {asking === 'delete' && (
        <Confirm
          title={t.deleteTitle(title)}
          text={t.deleteText}
          action={t.deleteRoom}
          onClose={() => setAsking(undefined)}
          onYes={() => void run(() => rooms.remove(room.id), t.youDeleted(title))}
        />
      )}
    </aside>
  );
}

function order(role: 'member' | 'moderator' | 'owner'): number {
  return { member: 0, moderator: 1, owner: 2 }[role];
}

/** The newest pictures among what is loaded. */
function Pictures({ roomId, onJump }: { roomId: string; onJump: (messageId: string) => void }) {
  const { words } = useLanguage();
  const timeline = useChatState((state) => state.timelines[roomId]);
  const users = useChatState((state) => state.users);
  const pictures = useMemo(
    () =>
      (timeline?.messages ?? [])
        .filter((m) => m.imageUrl && !m.deletedAt)
        .slice(-PICTURES_MAX)
        .reverse(),
    [timeline],
  );
  if (pictures.length === 0) return null;
  return (
    <>
      <h3 className="pictures-head">{words.details.pictures}</h3>
      <div className="pictures">
        {pictures.map((message) => (
          <button
            key={message.id}
            type="button"
            className="att"
            aria-label={words.room.pictureBy(users[message.senderId]?.displayName ?? '…')}
            onClick={() => onJump(message.id)}
          >
            <img src={message.imageUrl} alt="" loading="lazy" />
          </button>
        ))}
      </div>
    </>
  );
}
