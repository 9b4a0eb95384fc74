/**
 * Whose session this is. Another tab may have signed in as somebody else since, with the one cookie that all of them
 * share: so nothing is sent, and no list of rooms is taken, before the server has said that this is still the person.
 */
import { getMe } from '../api/account';
import { onOtherTab } from '../api/session';
import { type Chat, learnUsers, update } from './chat';

const asking = new WeakMap<Chat, Promise<boolean>>();

/** Asks the server, once however many ask; `false` says that the page has ended, because it is somebody else. */
export function confirm(chat: Chat): Promise<boolean> {
  const running = asking.get(chat) ?? ask(chat).finally(() => asking.delete(chat));
  asking.set(chat, running);
  return running;
}

async function ask(chat: Chat): Promise<boolean> {
  const me = await getMe();
  if (me.id !== chat.store.get().me.id) {
    chat.end({ why: 'other', me });
    return false;
  }
  update(chat, () => ({ me }));
  learnUsers(chat, [me]);
  return true;
}

export function startIdentity(chat: Chat): void {
  chat.ends.push(
    onOtherTab((told) => {
      if (told.did === 'leave') chat.end({ why: 'left' });
      else if (told.did === 'signIn' && told.me.id !== chat.store.get().me.id) chat.end({ why: 'other', me: told.me });
    }),
  );
}
