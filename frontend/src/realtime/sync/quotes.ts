/** Fetches messages that live ones answer, and that are not among those loaded. */
import type { Message } from '../../api/contract';
import { history } from '../../api/room';
import { seqOf } from '../../model/timeline/message';
import { findMessage } from '../../model/timeline/timeline';
import type { Directory } from '../store/directory';
import type { ChatStore } from '../store/store';
import type { Messages } from './messages';

type Deps = {
  store: ChatStore;
  directory: Pick<Directory, 'learnPage'>;
  messages: Pick<Messages, 'onApplied'>;
};

export function createQuotes({ store, directory, messages }: Deps): void {
  const asked = new Set<string>();
  const learn = async (roomId: string, applied: readonly Message[]) => {
    const { timelines, quoted } = store.get();
    for (const { replyTo } of applied) {
      if (replyTo === undefined || quoted[replyTo] || asked.has(replyTo)) continue;
      if (findMessage(timelines[roomId], replyTo)) continue;
      asked.add(replyTo);
      try {
        const page = await history(roomId, { aroundSeq: seqOf(replyTo) }, 1);
        directory.learnPage({ ...page, quoted: page.messages.filter((message) => message.id === replyTo) });
      } catch {
        asked.delete(replyTo);
      }
    }
  };
  messages.onApplied((applied) => {
    if (store.get().timelines[applied.roomId]) void learn(applied.roomId, applied.messages);
  });
}
