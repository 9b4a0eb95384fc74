/** Runs an action, and shows a notice if it fails. */
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { useNotify } from '../../realtime/hooks/use-actions';

export function useAttempt(): (work: () => Promise<unknown>) => Promise<void> {
  const words = useWords();
  const notify = useNotify();
  return async (work) => {
    try {
      await work();
    } catch (problem) {
      notify(explain(problem, words).text, { bad: true });
    }
  };
}
