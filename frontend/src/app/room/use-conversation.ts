/** What timeline and composer of a room do with each other. */
import { useCallback } from 'react';
import type { Message } from '../../api/contract';
import { findMessage } from '../../model/timeline/timeline';
import { useDrafts, useReading } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';

export type ConversationActions = {
  /** The message that is being answered, where it is here. */
  readonly source: Message | undefined;
  readonly reply: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly editLast: () => void;
  readonly markAllRead: () => void;
};

export function useConversation(roomId: string): ConversationActions {
  const drafts = useDrafts();
  const { read, clearUnreadLine } = useReading();
  const replyTo = useChatState((state) => state.drafts[roomId]?.replyTo);
  const timeline = useChatState((state) => state.timelines[roomId]);
  const meId = useChatState((state) => state.me.id);
  const changing = useChatState((state) => state.changing);
  const quoted = useChatState((state) => state.quoted);
  const source = replyTo === undefined ? undefined : (findMessage(timeline, replyTo) ?? quoted[replyTo]);
  const reply = useCallback(
    (message: Message) => {
      drafts.change(roomId, { replyTo: message.id, edit: undefined });
      document.getElementById('composer')?.focus();
    },
    [drafts, roomId],
  );
  const edit = useCallback(
    (message: Message) => drafts.change(roomId, { edit: { message, text: message.content } }),
    [drafts, roomId],
  );
  return {
    source,
    reply,
    edit,
    editLast: () => {
      const last = timeline?.messages.findLast((m) => m.senderId === meId && !m.system && !m.deletedAt);
      if (last) edit({ ...last, ...changing[last.id] });
    },
    markAllRead: () => {
      clearUnreadLine(roomId);
      const last = timeline?.messages.at(-1);
      if (last && !timeline?.hasAfter) read(roomId, last.seq);
    },
  };
}
