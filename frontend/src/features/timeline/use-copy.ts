/** Copies a message's text and says whether that was done. */
import { copyText } from '../../lib/clipboard';
import { useWords } from '../../lib/i18n';
import { notify } from '../../realtime/chat';
import { useChat } from '../../realtime/use-chat';

export function useCopy(): (text: string) => void {
  const words = useWords();
  const chat = useChat();
  return (text) =>
    void copyText(text).then((done) =>
      done ? notify(chat, words.act.copied) : notify(chat, words.act.notCopied, { bad: true }),
    );
}
