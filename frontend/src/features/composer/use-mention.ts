/** The `@name` that is being typed, and the people whom it may name. */
import { type KeyboardEvent, useMemo, useState } from 'react';
import type { User } from '../../api/contract';
import { rank } from '../../model/match';
import { insertMention, type OpenMention, openMention } from '../../model/mention';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const SHOWN_MAX = 6;

/** Puts a text into the field, with the caret at this place. */
type Put = (text: string, caret: number) => void;

export type Mention = {
  readonly query: string;
  readonly matches: readonly User[];
  /** The index of the match that Enter takes. */
  readonly at: number;
  readonly choose: (user: User) => void;
  /** Answers whether the key was meant for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
  /** The text was changed, with the caret there. */
  readonly typed: (caret: number) => void;
  readonly moved: (caret: number) => void;
};

export function useMention(roomId: string, text: string, put: Put): Mention {
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [closed, setClosed] = useState(false);
  const open = closed ? undefined : openMention(text, caret);
  const matches = useMatches(roomId, open);
  const choose = (user: User) => {
    if (!open) return;
    const next = insertMention(text, caret, open, user.username);
    put(next.text, next.caret);
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const { length } = matches;
    if (length === 0) return false;
    const chosen = matches[at];
    if (event.key === 'ArrowDown') setAt((at + 1) % length);
    else if (event.key === 'ArrowUp') setAt((at - 1 + length) % length);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) choose(chosen);
    else if (event.key === 'Escape') setClosed(true);
    else return false;
    event.preventDefault();
    return true;
  };
  const typed = (to: number) => {
    setCaret(to);
    setAt(0);
    setClosed(false);
  };
  return { query: open?.query ?? '', matches, at, choose, onKeyDown, typed, moved: setCaret };
}

function useMatches(roomId: string, mention: OpenMention | undefined): readonly User[] {
  const members = useChatState((state) => state.members[roomId]);
  const meId = useChatState((state) => state.me.id);
  return useMemo(() => {
    if (!mention || !members) return [];
    const score = (user: User) => Math.max(rank(user.username, mention.query), rank(user.displayName, mention.query));
    return members
      .map((member) => member.user)
      .filter((user) => user.id !== meId && score(user) > 0)
      .sort((a, b) => score(b) - score(a))
      .slice(0, SHOWN_MAX);
  }, [members, mention, meId]);
}
