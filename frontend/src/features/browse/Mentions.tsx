/** Unread messages that name me, from all rooms. */
import { ArrowLeft } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { Message, Room } from '../../api/contract';
import { history } from '../../api/room';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/lang';
import { paths } from '../../lib/paths';
import { plain } from '../../lib/plain';
import { goBack } from '../../lib/route';
import { clockWithDay } from '../../lib/time';
import { titleOf } from '../../model/room';
import { mentionCount } from '../../model/unread';
import { learnPage } from '../../realtime/chat';
import { useChat, useChatState } from '../../realtime/use-chat';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { Link } from '../../ui/Link';
import { ListSkeleton } from '../../ui/Skeleton';

const LOOK_BACK = 100;

type Found = { readonly room: Room; readonly message: Message };

export function Mentions({ phone }: { phone: boolean }) {
  const { words, locale } = useLanguage();
  const t = words.mentions;
  const users = useChatState((state) => state.users);
  const found = useMentions();
  return (
    <main className="main page-scroll" data-region>
      <div className="browse">
        <div className="ph1">
          {phone && (
            <IconButton label={words.common.back} onClick={() => goBack(paths.home)}>
              <ArrowLeft className="i i-20" />
            </IconButton>
          )}
          <h1>{t.title}</h1>
          <span className="muted ph-sub">{t.sub}</span>
        </div>
        {!found && <ListSkeleton rows={5} />}
        {found?.length === 0 && (
          <div className="empty pad">
            <h2>{t.empty}</h2>
            <p>{t.emptyText}</p>
          </div>
        )}
        <ul>
          {found?.map(({ room, message }) => {
            const sender = users[message.senderId];
            return (
              <li key={message.id}>
                <Link to={paths.room(room.id)} className="pr mention-item">
                  {sender && <Avatar user={sender} />}
                  <div className="grow pr-text">
                    <div className="row">
                      <b {...langProps(sender?.displayName ?? '')}>{sender?.displayName ?? '…'}</b>
                      <span className="muted small-text">
                        {room.kind !== 'direct' && `${titleOf(room, room.alias)} · `}
                        {clockWithDay(message.createdAt, locale)}
                      </span>
                    </div>
                    <div className="t2 trunc pr-topic" {...langProps(message.content)}>
                      {plain(message.content) || words.list.picture}
                    </div>
                  </div>
                </Link>
              </li>
            );
          })}
        </ul>
      </div>
    </main>
  );
}

function useMentions(): readonly Found[] | undefined {
  const chat = useChat();
  const meId = useChatState((state) => state.me.id);
  const rooms = useChatState((state) => state.rooms);
  const loaded = useChatState((state) => state.roomsLoaded);
  const [read, setRead] = useState<Readonly<Record<string, readonly Message[]>>>();
  const asking = useMemo(() => Object.values(rooms).filter((room) => mentionCount(room) > 0), [rooms]);
  const key = asking.map((room) => `${room.id}:${room.head}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again where a room has news
  useEffect(() => {
    if (!loaded) return;
    let current = true;
    const pages = asking.map(async (room) => {
      const page = await history(room.id, {}, LOOK_BACK);
      learnPage(chat, page);
      return [room.id, page.messages] as const;
    });
    Promise.all(pages)
      .then((found) => current && setRead(Object.fromEntries(found)))
      .catch(() => current && setRead({}));
    return () => {
      current = false;
    };
  }, [loaded, key, chat]);
  return useMemo(() => {
    if (!read) return undefined;
    const forMe = (room: Room, m: Message) =>
      m.seq > room.readSeq &&
      m.senderId !== meId &&
      !m.system &&
      !m.deletedAt &&
      (room.kind === 'direct' || m.mentions?.includes(meId));
    return asking
      .flatMap((room) =>
        (read[room.id] ?? []).filter((message) => forMe(room, message)).map((message) => ({ room, message })),
      )
      .sort((a, b) => b.message.createdAt.localeCompare(a.message.createdAt));
  }, [read, asking, meId]);
}
