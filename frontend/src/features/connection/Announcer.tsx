/** Announces to screen readers that sending failed, and that what waited is sent. */
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../../lib/i18n';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Live } from '../../ui/Live';

export function Announcer({ roomId }: { roomId: string }) {
  const words = useWords();
  const outbox = useChatState((state) => state.outbox);
  const mine = outbox.filter((p) => p.roomId === roomId);
  const failed = mine.filter((p) => p.state === 'failed').length;
  const waiting = mine.filter((p) => p.state === 'waiting').length;
  const before = useRef({ failed, waiting });
  const [said, setSaid] = useState({ text: '', nth: 0 });
  useEffect(() => {
    const was = before.current;
    before.current = { failed, waiting: Math.max(waiting, mine.length > 0 ? was.waiting : 0) };
    const say = (text: string) => setSaid(({ nth }) => ({ text, nth: nth + 1 }));
    if (failed > was.failed) say(words.state.notSent);
    else if (was.waiting > 0 && mine.length === 0) say(words.state.announceSent(was.waiting));
  }, [failed, waiting, mine.length, words]);
  return <Live {...said} />;
}
