/** The text of one room's composer, kept on this device. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { saveDraft } from '../../realtime/actions';
import { useChat, useChatState } from '../../realtime/use-chat';

const SAVE_PAUSE_MS = 300;

export function useDraft(roomId: string) {
  const chat = useChat();
  const draft = useChatState((state) => state.drafts[roomId]);
  const [text, setText] = useState(draft?.text ?? '');
  const own = useRef(text);
  const latest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const replyTo = draft?.replyTo;

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    if (own.current === latest.current) return;
    own.current = latest.current;
    const kept = chat.store.get().drafts[roomId];
    saveDraft(chat, roomId, {
      text: latest.current,
      ...(kept?.replyTo === undefined ? {} : { replyTo: kept.replyTo }),
    });
  }, [chat, roomId]);

  /**
   * Somebody else changed the draft: it came from the disk or from another tab, or a failed message
   * was taken back. What is being written here counts more.
   */
  useEffect(() => {
    const kept = draft?.text ?? '';
    if (kept === own.current || own.current !== latest.current) return;
    own.current = kept;
    latest.current = kept;
    setText(kept);
  }, [draft?.text]);

  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);

  const write = useCallback(
    (next: string) => {
      setText(next);
      latest.current = next;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, SAVE_PAUSE_MS);
    },
    [flush],
  );

  const clear = useCallback(() => {
    clearTimeout(timer.current);
    own.current = '';
    latest.current = '';
    setText('');
    saveDraft(chat, roomId, { text: '' });
  }, [chat, roomId]);

  const stopReply = useCallback(() => {
    saveDraft(chat, roomId, { text: latest.current });
    own.current = latest.current;
  }, [chat, roomId]);

  return { text, write, clear, replyTo, stopReply };
}
