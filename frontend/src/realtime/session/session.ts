/**
 * The user of this session, and its end. Another tab may have signed in as another user since, because all tabs share
 * one cookie: so nothing is sent, and no list of rooms is used, before the server has confirmed the user.
 */
import { getMe } from '../../api/account';
import type { Me } from '../../api/contract';
import { onOtherTab, signOutLocally } from '../../api/session';
import { createSignal, type Subscribe } from '../../lib/signal';
import type { ChatSocket } from '../socket';
import type { Directory } from '../store/directory';
import type { Ended } from '../store/state';
import type { ChatStore } from '../store/store';
import { createWhileConnected, type WhileConnected } from './while-connected';

export type Session = {
  /**
   * Asks the server; concurrent calls share one request. `false`: the page has ended, because it is another user's
   * session.
   */
  readonly confirm: () => Promise<boolean>;
  /** There is a connection, and its session is this user's: waiting messages may be sent. */
  readonly isConfirmed: () => boolean;
  readonly onConfirmed: Subscribe;
  readonly whileConnected: WhileConnected;
  /** The page is no longer this user's: nothing is sent or stored any more. The first cause counts. */
  readonly end: (ended: Ended) => void;
  readonly onEnded: Subscribe<Ended>;
  /** Signed out on this device at once; reported to the server as soon as it answers. */
  readonly signOut: () => void;
  readonly stop: () => void;
};

type Deps = { store: ChatStore; socket: ChatSocket; directory: Pick<Directory, 'learnUsers'> };

export function createSession({ store, socket, directory }: Deps): Session {
  const confirmed = createSignal();
  const ending = createSignal<Ended>();
  let isMine = false;
  let asking: Promise<boolean> | undefined;
  const askMe = createQuestion(store, socket);

  const end = (ended: Ended) => {
    isMine = false;
    if (store.get().ended) return;
    store.update(() => ({ ended }));
    ending.emit(ended);
  };
  const ask = async () => {
    const me = await askMe();
    if (me.id !== store.get().me.id) {
      end({ why: 'other', me });
      return false;
    }
    store.update(() => ({ me }));
    directory.learnUsers([me]);
    return true;
  };
  const confirm = () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const whileConnected = createWhileConnected({ socket, onUnauthenticated: () => end({ why: 'expired' }) });

  socket.on('connect', () => {
    const { id } = socket;
    void whileConnected(async () => {
      if (!(await confirm()) || socket.id !== id) return;
      isMine = true;
      confirmed.emit();
    });
  });
  socket.on('disconnect', () => {
    isMine = false;
  });
  socket.on('closing', (event) => {
    if (event.reason === 'signedOut') end({ why: 'expired' });
  });
  const stop = onOtherTab((tab) => {
    if (tab.did === 'leave') end({ why: 'left' });
    else if (tab.did === 'signIn' && tab.me.id !== store.get().me.id) end({ why: 'other', me: tab.me });
  });
  const signOut = () => {
    signOutLocally();
    end({ why: 'left' });
  };
  const isConfirmed = () => socket.connected && isMine;
  return { confirm, isConfirmed, onConfirmed: confirmed.on, whileConnected, end, onEnded: ending.on, signOut, stop };
}

/** Asks who this is; again where an event has said so meanwhile, because the answer may be older than that. */
function createQuestion(store: ChatStore, socket: ChatSocket): () => Promise<Me> {
  let changes = 0;
  socket.on('userChanged', (user) => {
    if (user.id === store.get().me.id) changes += 1;
  });
  const ask = async (): Promise<Me> => {
    const before = changes;
    const me = await getMe();
    return changes === before ? me : ask();
  };
  return ask;
}
