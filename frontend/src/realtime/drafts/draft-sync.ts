/** Sends drafts to the server a second after the last key, and retries until it has them. */
import { isFinalRefusal } from '../../api/problem';
import { unsynced } from '../../model/draft';
import type { Session } from '../session/session';
import { type ChatSocket, request } from '../socket';
import type { ChatStore } from '../store/store';
import { createSyncTimer } from '../sync-timer';
import type { Drafts } from './drafts';

const PAUSE_MS = 1000;

export type DraftSync = {
  /** Without the pause: where it was sent, or the composer was left. */
  readonly now: () => void;
  readonly stop: () => void;
};

type Deps = {
  store: ChatStore;
  socket: ChatSocket;
  session: Pick<Session, 'isConfirmed' | 'onConfirmed'>;
  drafts: Pick<Drafts, 'get' | 'outdate' | 'taken' | 'onChanged'>;
};

export function createDraftSync({ store, socket, session, drafts }: Deps): DraftSync {
  /** Returns whether nothing is left to do. */
  const sendOne = async (roomId: string): Promise<boolean> => {
    const words = unsynced(drafts.get(roomId));
    if (!words) return true;
    const { text, ...reply } = words;
    drafts.outdate(roomId);
    try {
      await request(socket, 'draft', { roomId, content: text, ...reply });
    } catch (error) {
      return isFinalRefusal(error);
    }
    drafts.taken(roomId, words);
    return true;
  };
  const send = async () => {
    const done = await Promise.all(Object.keys(store.get().drafts).map(sendOne));
    return done.every((one) => one);
  };
  const timer = createSyncTimer({ session, pauseMs: PAUSE_MS, send });
  const unsubscribe = drafts.onChanged(timer.whenQuiet);
  return {
    now: timer.now,
    stop: () => {
      unsubscribe();
      timer.stop();
    },
  };
}
