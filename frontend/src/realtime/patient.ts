/** What a person wants done now is asked over a short loss of the connection, of which nothing is said on the page. */
import { codeOf, NoAnswer } from '../api/problem';
import type { Chat } from './chat';
import type { Connection } from './state';
import { type Answer, ask, type Body } from './wire';

/** Whoever waits longer wants to know. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;
/** Here the page says that there is no connection. */
const TOLD: ReadonlySet<Connection['at']> = new Set(['offline', 'waiting', 'trying']);

/** Done twice, these do what they do once: so they are asked again where the connection ended before the answer. */
type Repeatable = 'editMessage' | 'deleteMessage' | 'react';

export async function askPatiently<N extends Repeatable>(chat: Chat, name: N, body: Body<N>): Promise<Answer<N>> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    await turn(chat, until);
    const { id } = chat.wire;
    try {
      return await ask(chat.wire, name, body);
    } catch (error) {
      if (codeOf(error) !== 'noAnswer' || chat.wire.id === id) throw error;
    }
  }
}

const turns = new WeakMap<Chat, Promise<void>>();

/** What was asked first goes out first: of two edits the later one counts. */
function turn(chat: Chat, until: number): Promise<void> {
  const before = turns.get(chat) ?? Promise.resolve();
  const mine = before.then(() => connected(chat, until));
  turns.set(
    chat,
    mine.catch(() => undefined),
  );
  return mine;
}

/** Until there is a connection that is this person's; fails as soon as the page says that there is none. */
async function connected(chat: Chat, until: number): Promise<void> {
  while (!chat.wire.connected || !chat.mine) {
    const { connection, ended } = chat.store.get();
    if (ended || TOLD.has(connection.at) || Date.now() >= until) throw new NoAnswer();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
