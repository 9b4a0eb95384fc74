/** The page of somebody who is signed in: one live connection, and what it shows. */
import { useEffect, useState } from 'react';
import type { Me } from '../api/contract';
import { BRAND } from '../lib/brand';
import { useWords } from '../lib/i18n';
import type { Place } from '../lib/paths';
import { isListed } from '../model/room';
import { totals } from '../model/unread';
import { type Chat, dismiss, roomTitle } from '../realtime/chat';
import { forgetCopies } from '../realtime/copies';
import { type Live, startLive } from '../realtime/start';
import type { Ended } from '../realtime/state';
import { LiveProvider, useChat, useChatState } from '../realtime/use-chat';
import { Toasts } from '../ui/Toasts';
import { Shell } from './Shell';
import '../styles/frame.css';
import '../styles/composer.css';
import '../styles/pages.css';
import '../styles/phone.css';

type Props = { me: Me; place: Place; onEnded: (ended: Ended) => void; onMe: (me: Me) => void };

export function Dashboard({ me, place, onEnded, onMe }: Props) {
  const [live, setLive] = useState<Live>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: one connection for one person
  useEffect(() => {
    const started = startLive(me);
    setLive(started);
    return () => started.stop();
  }, [me.id]);
  if (!live) return <div className="boot" aria-busy="true" />;
  return (
    <LiveProvider live={live}>
      <Watch place={place} onEnded={onEnded} onMe={onMe} />
      <Shell place={place} />
      <Notices />
    </LiveProvider>
  );
}

function Notices() {
  const chat = useChat();
  const notices = useChatState((state) => state.notices);
  const [gone] = useState(() => (id: number) => dismiss(chat, id));
  return <Toasts notices={notices} onGone={gone} />;
}

/** No conversation stays readable. What is unsent stays with its account, except where that was signed out. */
async function forget({ store, storage }: Chat, { why }: Ended): Promise<void> {
  const cleared = why === 'left' ? storage.clear() : undefined;
  await Promise.all([cleared, forgetCopies(store.get().me.id)]);
}

/** What the page says outside of itself: title, app badge, who is kept. */
function Watch({ place, onEnded, onMe }: Omit<Props, 'me'>) {
  const words = useWords();
  const chat = useChat();
  const me = useChatState((state) => state.me);
  const ended = useChatState((state) => state.ended);
  const rooms = useChatState((state) => state.rooms);
  useEffect(() => onMe(me), [me, onMe]);
  useEffect(() => {
    if (!ended) return;
    void forget(chat, ended).catch(() => undefined);
    onEnded(ended);
  }, [chat, ended, onEnded]);
  useEffect(() => {
    const { unread } = totals(Object.values(rooms).filter(isListed));
    const room = place.at === 'room' ? rooms[place.roomId] : undefined;
    const names: Partial<Record<Place['at'], string>> = {
      browse: words.browse.title,
      mentions: words.mentions.title,
      settings: words.settings.title,
    };
    const name = room ? roomTitle(room) : names[place.at];
    document.title = (unread > 0 ? `(${unread > 99 ? '99+' : unread}) ` : '') + (name ? `${name} · ${BRAND}` : BRAND);
    const { setAppBadge, clearAppBadge } = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;
    if (unread > 0) void setAppBadge?.call(navigator, unread).catch(() => undefined);
    else void clearAppBadge?.call(navigator).catch(() => undefined);
  }, [rooms, place, words]);
  return null;
}
