/** Gives the rows what they share, and shows what they open: the emoji picker and the question before a delete. */
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from 'react';
import type { Message, User } from '../../api/contract';
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { mayModerate } from '../../model/room/room';
import { useChanges, useNotify } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Confirm } from '../../ui/overlay/Dialog';
import { Popover } from '../../ui/overlay/Popover';
import { RowsContext, type TimelineContext } from './context';
import type { Names } from './markdown/Markdown';

const EmojiPicker = lazy(() => import('../../ui/emoji/EmojiPicker').then((m) => ({ default: m.EmojiPicker })));

type Props = {
  roomId: string;
  onJump: (messageId: string) => void;
  onReply: (message: Message) => void;
  onEdit: (message: Message) => void;
  children: ReactNode;
};

export function RowsProvider({ roomId, onJump, onReply, onEdit, children }: Props) {
  const words = useWords();
  const { react, remove } = useChanges();
  const notify = useNotify();
  const me = useChatState((state) => state.me);
  const users = useChatState((state) => state.users);
  const role = useChatState((state) => state.rooms[roomId]?.myRole);
  const direct = useChatState((state) => state.rooms[roomId]?.kind === 'direct');
  const moderator = useChatState((state) => {
    const room = state.rooms[roomId];
    return room !== undefined && room.kind !== 'direct' && mayModerate(room);
  });
  const [picking, setPicking] = useState<{ message: Message; anchor: HTMLElement }>();
  const [deleting, setDeleting] = useState<Message>();
  const pickReaction = useCallback((message: Message, anchor: HTMLElement) => setPicking({ message, anchor }), []);
  const closePicker = useCallback(() => setPicking(undefined), []);
  const say = useCallback(
    (what: string) => (error: unknown) =>
      notify(`${what}${words.common.space}${explain(error, words).text}`, { bad: true }),
    [notify, words],
  );
  const toggle = useCallback(
    (message: Message, emoji: string, on: boolean) => {
      react(message, emoji, on).catch(say(words.act.notReacted));
    },
    [react, words, say],
  );
  const names = useNames(me.username, users);
  const value = useMemo<TimelineContext>(
    () => ({
      me,
      users,
      names,
      nameOf: (id) => users[id]?.displayName ?? '…',
      direct,
      mayWrite: role !== undefined,
      mayModerate: moderator,
      jump: onJump,
      reply: onReply,
      edit: onEdit,
      askDelete: setDeleting,
      pickReaction,
      react: toggle,
    }),
    [me, users, names, direct, role, moderator, onJump, onReply, onEdit, pickReaction, toggle],
  );
  return (
    <RowsContext value={value}>
      {children}
      {picking && (
        <Popover anchor={picking.anchor} label={words.act.choose} onClose={closePicker}>
          <Suspense fallback={<div className="emoji" />}>
            <EmojiPicker
              onChoose={(emoji) => {
                closePicker();
                toggle(picking.message, emoji, true);
              }}
            />
          </Suspense>
        </Popover>
      )}
      {deleting && (
        <Confirm
          title={words.act.removeTitle}
          text={words.act.removeText}
          action={words.act.remove}
          onClose={() => setDeleting(undefined)}
          onYes={() => {
            remove(deleting).catch(say(words.act.notRemoved));
          }}
        />
      )}
    </RowsContext>
  );
}

function useNames(username: string, users: Readonly<Record<string, User>>): Names {
  return useMemo(() => {
    const all = new Set(Object.values(users).map((user) => user.username.toLowerCase()));
    return { me: username.toLowerCase(), known: (name) => all.has(name) };
  }, [username, users]);
}
