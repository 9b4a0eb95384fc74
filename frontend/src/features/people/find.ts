/** People that the server finds by a piece of a name. */
import { useEffect, useState } from 'react';
import { findUsers } from '../../api/account';
import type { User } from '../../api/contract';
import { learnUsers } from '../../realtime/chat';
import { useChat, useChatState } from '../../realtime/use-chat';

const PAUSE_MS = 150;
const SHOWN_MAX = 6;

/** Those found for the query; the last ones stay until the next ones are here. */
export function useFoundUsers(query: string, except: ReadonlySet<string>): readonly User[] {
  const chat = useChat();
  const meId = useChatState((state) => state.me.id);
  const [found, setFound] = useState<readonly User[]>([]);
  const asked = query.trim();
  useEffect(() => {
    if (asked === '') {
      setFound([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      findUsers(asked)
        .then((users) => {
          if (!current) return;
          learnUsers(chat, users);
          setFound(users);
        })
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [asked, chat]);
  return found.filter((user) => user.id !== meId && !except.has(user.id)).slice(0, SHOWN_MAX);
}
