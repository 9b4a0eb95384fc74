/** People whom the server finds by a piece of a name, while it is being typed. */
import { useEffect, useMemo, useState } from 'react';
import { findUsers } from '../../api/account';
import type { User } from '../../api/contract';
import { type Found, fitting, NOBODY } from '../../model/match';
import { useClient } from '../client-context';
import { useChatState } from './use-chat-state';

const PAUSE_MS = 130;

/** Until the answer for these letters is here: those of the last answer whom they still name. Never me. */
export function useFound(query: string): readonly User[] {
  const { directory } = useClient();
  const meId = useChatState((state) => state.me.id);
  const [found, setFound] = useState<Found>(NOBODY);
  useEffect(() => {
    if (query === '') {
      setFound(NOBODY);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      findUsers(query)
        .then((users) => {
          directory.learnUsers(users);
          if (current) setFound({ query, users });
        })
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query, directory]);
  return useMemo(() => fitting(found, query).filter((user) => user.id !== meId), [found, query, meId]);
}
