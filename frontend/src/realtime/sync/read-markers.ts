/** Sends my read markers to the server after a delay, and retries until it has them. */
import { isFinalRefusal } from '../../api/problem';
import { confirmed, type Markers, NO_MARKERS, want } from '../../model/sync/marker';
import type { Session } from '../session/session';
import { type ChatSocket, request } from '../socket';
import { createSyncTimer } from '../sync-timer';

const PAUSE_MS = 300;

export type ReadMarkers = {
  /** My marker of this room is at `seq`, or higher. */
  readonly want: (roomId: string, seq: number) => void;
  readonly stop: () => void;
};

type Deps = { socket: ChatSocket; session: Pick<Session, 'isConfirmed' | 'onConfirmed'> };

export function createReadMarkers({ socket, session }: Deps): ReadMarkers {
  let markers: Markers = NO_MARKERS;
  const sendOne = async (roomId: string, seq: number) => {
    try {
      await request(socket, 'read', { roomId, seq });
    } catch (error) {
      if (!isFinalRefusal(error)) return;
    }
    markers = confirmed(markers, roomId, seq);
  };
  const send = async () => {
    await Promise.all([...markers.wanted].map(([roomId, seq]) => sendOne(roomId, seq)));
    return markers.wanted.size === 0;
  };
  const timer = createSyncTimer({ session, pauseMs: PAUSE_MS, send });
  return {
    want: (roomId, seq) => {
      const next = want(markers, roomId, seq);
      if (next === markers) return;
      markers = next;
      timer.soon();
    },
    stop: timer.stop,
  };
}
