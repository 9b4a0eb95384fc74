/** Copies a message's text and says whether that was done. */
import { copyText } from '../../../lib/browser/clipboard';
import { useWords } from '../../../lib/i18n';
import { useNotify } from '../../../realtime/hooks/use-actions';

export function useCopy(): (text: string) => void {
  const words = useWords();
  const notify = useNotify();
  return (text) =>
    void copyText(text).then((done) => (done ? notify(words.act.copied) : notify(words.act.notCopied, { bad: true })));
}
