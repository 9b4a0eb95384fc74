/** The page of somebody who is signed in: one live connection, and what it shows. */
import { useEffect, useState } from 'react';
import type { Me } from '../api/contract';
import { BRAND } from '../lib/brand';
import { useWords } from '../lib/i18n';
import type { Place } from '../lib/paths';
import { totals } from '../model/unread';
import { dismiss, roomTitle } from '../realtime/chat';
import { type Live, startLive } from '../realtime/start';
import { LiveProvider, useChat, useChatState } from '../realtime/use-chat';
import { Toasts } from '../ui/Toasts';
import { Shell } from './Shell';
import '../styles/frame.css';
import '../styles/composer.css';
import '../styles/pages.css';
import '../styles/phone.css';

type Props = { me: Me; place: Place; onSignedOut: (expired: boolean) => void; onMe: (me: Me) => void };

export function Dashboard({ me, place, onSignedOut, onMe }: Props) {
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
      <Watch place={place} onSignedOut={onSignedOut} onMe={onMe} />
      <Shell place={place} onSignedOut={() => onSignedOut(false)} />
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

/** What the page says outside of itself: title, app badge, who is kept. */
function Watch({ place, onSignedOut, onMe }: Omit<Props, 'me'>) {
  const words = useWords();
  const me = useChatState((state) => state.me);
  const signedOut = useChatState((state) => state.signedOut);
  const rooms = useChatState((state) => state.rooms);
  useEffect(() => onMe(me), [me, onMe]);
  useEffect(() => {
    if (signedOut) onSignedOut(true);
  }, [signedOut, onSignedOut]);
  useEffect(() => {
    const { unread } = totals(Object.values(rooms).filter((room) => room.myRole !== undefined));
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
