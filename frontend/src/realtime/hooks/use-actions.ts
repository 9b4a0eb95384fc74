/** Actions of views. The parts stay the same for as long as the page is this user's. */
import { useMemo } from 'react';
import { useClient } from '../client-context';
import type { Drafts } from '../drafts/drafts';
import type { Changes } from '../outbox/changes';
import type { Compose } from '../outbox/compose';
import type { Outbox } from '../outbox/outbox';
import type { PresencePart } from '../presence/presence';
import type { Account } from '../session/account';
import type { Directory } from '../store/directory';
import type { Notices } from '../store/notices';
import type { History } from '../sync/history';
import type { OpenRoom } from '../sync/open-room';
import type { Reading } from '../sync/reading';
import type { RoomActions } from '../sync/room-actions';

export const useCompose = (): Compose => useClient().compose;
export const useChanges = (): Changes => useClient().changes;
export const useOutbox = (): Pick<Outbox, 'retry' | 'retryAll' | 'discard'> => useClient().outbox;
export const useHistory = (): History => useClient().history;
export const useReading = (): Reading => useClient().reading;
export const useRoomActions = (): RoomActions => useClient().roomActions;
export const useAccount = (): Account => useClient().account;
export const useNotify = (): Notices['notify'] => useClient().notices.notify;
export const useTyping = (): PresencePart['typing'] => useClient().presence.typing;
export const useLearnPage = (): Directory['learnPage'] => useClient().directory.learnPage;
export const useTryNow = (): (() => void) => useClient().connection.tryNow;

export const useSignOut = (): (() => void) => useClient().session.signOut;
export const useOpenRoom = (): OpenRoom => useClient().openRoom;
export const useWatch = (): PresencePart['watch'] => useClient().presence.watch;
export const useDismiss = (): Notices['dismiss'] => useClient().notices.dismiss;

type DraftActions = Pick<Drafts, 'get' | 'change'> & {
  /** The composer was left: the user may continue on another device. */
  readonly left: () => void;
};

export function useDrafts(): DraftActions {
  const { drafts, draftSync } = useClient();
  return useMemo(() => ({ get: drafts.get, change: drafts.change, left: draftSync.now }), [drafts, draftSync]);
}
