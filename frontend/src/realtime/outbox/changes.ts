/** Edits, deletions and reactions: shown at once, lost on a reload, and retried after a short disconnection. */
import type { Message } from '../../api/contract';
import { codeOf, NoAnswer } from '../../api/problem';
import { without } from '../../lib/record';
import { retry } from '../../lib/retry';
import { isShownAsLost } from '../../model/connection';
import { withReaction } from '../../model/timeline/message';
import type { Session } from '../session/session';
import { type Answer, type Body, type ChatSocket, request } from '../socket';
import type { ChatStore } from '../store/store';
import type { Messages } from '../sync/messages';

/** Whoever waits longer wants to know. */
const CHANGE_TIMEOUT_MS = 10_000;

export type Changes = {
  readonly edit: (message: Message, content: string) => Promise<void>;
  readonly remove: (message: Message) => Promise<void>;
  readonly react: (message: Message, emoji: string, on: boolean) => Promise<void>;
};

type Deps = {
  store: ChatStore;
  socket: ChatSocket;
  session: Pick<Session, 'isConfirmed' | 'onConfirmed'>;
  messages: Pick<Messages, 'apply'>;
};

export function createChanges(deps: Deps): Changes {
  const { store, messages } = deps;
  const ask = createPersistentRequest(deps);
  /** Shown until it is stored or rejected; then the server's state is shown. */
  const shown = async (
    { id, roomId }: Message,
    what: Partial<Message>,
    done: () => Promise<{ message: Message }>,
  ): Promise<void> => {
    store.update(({ changing }) => ({ changing: { ...changing, [id]: what } }));
    try {
      messages.apply(roomId, [(await done()).message]);
    } finally {
      store.update(({ changing }) => (changing[id] === what ? { changing: without(changing, id) } : {}));
    }
  };
  return {
    edit: (message, content) => shown(message, { content }, () => ask('editMessage', { id: message.id, content })),
    remove: async (message) => {
      const answer = await ask('deleteMessage', { id: message.id });
      messages.apply(message.roomId, [answer.message]);
    },
    react: (message, emoji, on) => {
      const reactions = withReaction(message.reactions ?? [], emoji, store.get().me.id, on);
      return shown(message, { reactions }, () => ask('react', { id: message.id, emoji, on }));
    },
  };
}

/** These are idempotent, so they are retried if the connection ended before the answer. */
type Repeatable = 'editMessage' | 'deleteMessage' | 'react';

/** Requests that outlast a loss of the connection which is not shown on the page. */
function createPersistentRequest(deps: Deps) {
  const { socket } = deps;
  let before: Promise<unknown> = Promise.resolve();
  /** Sent in order: of two edits the later one counts. */
  const turn = (until: number): Promise<void> => {
    const mine = before.then(() => untilConfirmed(deps, until));
    before = mine.catch(() => undefined);
    return mine;
  };
  return <N extends Repeatable>(name: N, body: Body<N>): Promise<Answer<N>> => {
    const until = Date.now() + CHANGE_TIMEOUT_MS;
    let id: string | undefined;
    const work = async () => {
      id = undefined;
      await turn(until);
      id = socket.id;
      return request(socket, name, body);
    };
    const isFinal = (error: unknown) => codeOf(error) !== 'noAnswer' || id === undefined || socket.id === id;
    return retry(work, { isFinal, pause: () => Promise.resolve() });
  };
}

/** Waits for a connection of this user; fails as soon as the page shows that it is offline. */
function untilConfirmed({ store, session }: Deps, until: number): Promise<void> {
  if (session.isConfirmed()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const finish = (done: () => void) => {
      clearTimeout(timer);
      for (const unsubscribe of subscriptions) unsubscribe();
      done();
    };
    const fail = () => finish(() => reject(new NoAnswer()));
    const look = () => {
      const { connection, ended } = store.get();
      if (ended || isShownAsLost(connection)) fail();
    };
    const timer = setTimeout(fail, until - Date.now());
    const subscriptions = [store.subscribe(look), session.onConfirmed(() => finish(resolve))];
    look();
  });
}
