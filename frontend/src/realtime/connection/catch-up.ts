/**
 * After a visible loss of the connection: reports that the page is up to date once rooms, heads, gaps and unsent
 * messages are.
 */
import type { Subscribe } from '../../lib/signal';
import type { Connection as Shown } from '../../model/connection';
import { unsentCount } from '../../model/outbox';
import type { ChatStore } from '../store/store';
import type { Connection } from './connection';

const BACK_SHOWN_MS = 4000;
/** The heads ask for syncs a moment later. */
const HEADS_SETTLE_MS = 300;

type Sync = {
  /** Messages or rooms are being fetched. */
  readonly isBusy: () => boolean;
  /** A fetch has ended. */
  readonly onSettled: Subscribe;
  /** The heads are known; this many changes are missing. */
  readonly onHeads: Subscribe<number>;
  /** The list of rooms was read. */
  readonly onListed: Subscribe;
};

type Deps = {
  store: ChatStore;
  connection: Pick<Connection, 'onConnected' | 'headsKnown' | 'caughtUp'>;
  sync: Sync;
  outbox: { readonly onSettled: Subscribe };
};

export function createCatchUp({ store, connection, sync, outbox }: Deps): void {
  // Since this connection: the heads are known, and the list of rooms was read.
  let heads = false;
  let listed = false;
  let sending = 0;
  const show = (next: Shown) => store.update(() => ({ connection: next }));

  const settle = () => {
    const { connection: shown, outbox: pending } = store.get();
    if (shown.at !== 'catchingUp') return;
    if (!heads || !listed || sync.isBusy() || unsentCount(pending) > 0) return;
    const back: Shown = { at: 'back', sent: sending };
    show(back);
    setTimeout(
      () => store.update((state) => (state.connection === back ? { connection: { at: 'online' } } : {})),
      BACK_SHOWN_MS,
    );
    connection.caughtUp();
  };
  connection.onConnected(({ first }) => {
    heads = false;
    // What came after a list that was read before is in the heads.
    listed = first && store.get().roomsLoaded;
    sending = unsentCount(store.get().outbox);
  });
  sync.onHeads((missing) => {
    connection.headsKnown(missing);
    heads = true;
    if (store.get().connection.at === 'catchingUp') show({ at: 'catchingUp', sending, fetching: missing });
    setTimeout(settle, HEADS_SETTLE_MS);
  });
  sync.onListed(() => {
    listed = true;
    settle();
  });
  sync.onSettled(settle);
  outbox.onSettled(settle);
}
