/** What is in the composer of a room, and what becomes of it. */
import { useCallback } from 'react';
import type { Message } from '../../api/contract';
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { CHARS_MAX, type Draft, type DraftImage, NO_DRAFT } from '../../model/draft';
import { useChanges, useCompose, useDrafts, useNotify } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const NO_IMAGES: readonly DraftImage[] = [];

export type ComposerState = {
  readonly draft: Draft;
  readonly editing: Draft['edit'];
  readonly images: readonly DraftImage[];
  /** Of the message that is being changed, else of the draft. */
  readonly text: string;
  /** So many characters too many; not above 0 where it fits. */
  readonly over: number;
  /** There is something to send. */
  readonly ready: boolean;
  readonly write: (text: string) => void;
  readonly stopEdit: () => void;
  readonly stopReply: () => void;
  readonly submit: () => void;
};

export function useComposer(roomId: string): ComposerState {
  const drafts = useDrafts();
  const { sendDraft } = useCompose();
  const alter = useAlter(roomId);
  const draft = useChatState((state) => state.drafts[roomId]) ?? NO_DRAFT;
  const { edit: editing, images = NO_IMAGES } = draft;
  const text = editing ? editing.text : draft.text;
  const over = [...text].length - CHARS_MAX;
  const ready = over <= 0 && (text.trim() !== '' || (!editing && images.length > 0));
  const stopEdit = () => drafts.change(roomId, { edit: undefined });
  return {
    draft,
    editing,
    images,
    text,
    over,
    ready,
    write: (next) => drafts.change(roomId, editing ? { edit: { ...editing, text: next } } : { text: next }),
    stopEdit,
    stopReply: () => drafts.change(roomId, { replyTo: undefined }),
    submit: () => {
      if (!ready) return;
      if (!editing) return sendDraft(roomId);
      stopEdit();
      alter(editing.message, text.trim());
    },
  };
}

/** A change is shown at once. Where it is not stored, the text comes back; whoever writes something else is asked. */
function useAlter(roomId: string): (message: Message, text: string) => void {
  const words = useWords();
  const drafts = useDrafts();
  const notify = useNotify();
  const { edit } = useChanges();
  return useCallback(
    (message, text) => {
      if (text === message.content) return;
      edit(message, text).catch((error) => {
        const now = drafts.get(roomId);
        const again = () => drafts.change(roomId, { edit: { message, text } });
        const free = now.text === '' && now.edit === undefined;
        notify(`${words.act.notChanged}${words.common.space}${explain(error, words).text}`, {
          bad: true,
          ...(free ? {} : { action: { label: words.state.edit, run: again } }),
        });
        if (free) again();
      });
    },
    [words, drafts, notify, edit, roomId],
  );
}
