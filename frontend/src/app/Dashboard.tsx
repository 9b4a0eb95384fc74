/** The page of a signed-in user: one connection, and its views. */
import { useEffect, useState } from 'react';
import type { Me } from '../api/contract';
import { BRAND } from '../lib/brand';
import type { Place } from '../lib/browser/paths';
import { useWords } from '../lib/i18n';
import { countLabel } from '../lib/text/count';
import { isListed, roomTitle } from '../model/room/room';
import { totals } from '../model/room/unread';
import { type Client, startClient } from '../realtime/client';
import { ClientProvider } from '../realtime/client-context';
import { useDismiss } from '../realtime/hooks/use-actions';
import { useChatState } from '../realtime/hooks/use-chat-state';
import type { Ended } from '../realtime/store/state';
import { Toasts } from '../ui/overlay/Toasts';
import { Shell } from './Shell';
import '../styles/frame.css';
import '../styles/composer.css';
import '../styles/pages.css';
import '../styles/phone/list.css';
import '../styles/phone/narrow.css';

type Props = { me: Me; place: Place; onEnded: (ended: Ended) => void; onMe: (me: Me) => void };

export function Dashboard({ me, place, onEnded, onMe }: Props) {
  const [client, setClient] = useState<Client>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: one connection for one person
  useEffect(() => {
    const started = startClient(me);
    setClient(started);
    return () => started.stop();
  }, [me.id]);
  if (!client) return <div className="boot" aria-busy="true" />;
  return (
    <ClientProvider client={client}>
      <Watch place={place} onEnded={onEnded} onMe={onMe} />
      <Shell place={place} />
      <Notices />
    </ClientProvider>
  );
}

function Notices() {
  const dismiss = useDismiss();
  const notices = useChatState((state) => state.notices);
  return <Toasts notices={notices} onGone={dismiss} />;
}

/** State outside the page: title, app badge, the signed-in user. */
function Watch({ place, onEnded, onMe }: Omit<Props, 'me'>) {
  const words = useWords();
  const me = useChatState((state) => state.me);
  const ended = useChatState((state) => state.ended);
  const rooms = useChatState((state) => state.rooms);
  useEffect(() => onMe(me), [me, onMe]);
  useEffect(() => {
    if (ended) onEnded(ended);
  }, [ended, onEnded]);
  useEffect(() => {
    const { unread } = totals(Object.values(rooms).filter(isListed));
    const room = place.at === 'room' ? rooms[place.roomId] : undefined;
    const names: Partial<Record<Place['at'], string>> = {
      browse: words.browse.title,
      mentions: words.mentions.title,
      settings: words.settings.title,
    };
    const name = room ? roomTitle(room) : names[place.at];
    document.title = (unread > 0 ? `(${countLabel(unread)}) ` : '') + (name ? `${name} · ${BRAND}` : BRAND);
    const { setAppBadge, clearAppBadge } = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;
    if (unread > 0) void setAppBadge?.call(navigator, unread).catch(() => undefined);
    else void clearAppBadge?.call(navigator).catch(() => undefined);
  }, [rooms, place, words]);
  return null;
}
