/** Persistent data on this device: unsent messages and drafts, with their pictures. */
import type { DBSchema, IDBPDatabase } from 'idb';
import { lazyDatabase } from '../../lib/database';
import { uuidTime } from '../../lib/uuid';
import type { Draft } from '../../model/draft';
import type { Pending } from '../../model/outbox';

interface Kept extends DBSchema {
  pending: { key: [string, string]; value: { userId: string; place: number; pending: Pending } };
  picture: { key: string; value: Blob };
  draft: { key: [string, string]; value: { userId: string; roomId: string; draft: Draft } };
}

export type Storage = {
  load: () => Promise<{ outbox: Pending[]; drafts: Record<string, Draft> }>;
  saveOutbox: (outbox: readonly Pending[]) => void;
  savePicture: (key: string, picture: Blob) => void;
  picture: (key: string) => Promise<Blob | undefined>;
  dropPicture: (key: string) => void;
  saveDraft: (roomId: string, draft: Draft | undefined) => void;
  /** Deletes the data of a user who signs out; from then on nothing is stored. */
  clear: () => Promise<void>;
};

/** Another tab may still send what was attached there. */
const STRAY_MS = 24 * 3600 * 1000;

const database = lazyDatabase<Kept>('chat', 1, (db) => {
  db.createObjectStore('pending', { keyPath: ['userId', 'pending.clientId'] });
  db.createObjectStore('picture');
  db.createObjectStore('draft', { keyPath: ['userId', 'roomId'] });
});

/** Pictures that neither a message nor a draft waits for. */
async function dropStray(db: IDBPDatabase<Kept>, which: (key: string) => boolean): Promise<void> {
  const tx = db.transaction(['pending', 'picture', 'draft'], 'readwrite');
  const waiting = new Set((await tx.objectStore('pending').getAll()).map((row) => row.pending.clientId));
  for (const { draft } of await tx.objectStore('draft').getAll()) {
    for (const image of draft.images ?? []) waiting.add(image.clientId);
  }
  const pictures = tx.objectStore('picture');
  for (const key of await pictures.getAllKeys()) if (!waiting.has(key) && which(key)) void pictures.delete(key);
  await tx.done;
}

/**
 * Private windows may have no database, and disks may be full: then the page works without persistence, and `onKept`
 * reports it after each write.
 */
export function createStorage(userId: string, onKept: (kept: boolean) => void = () => undefined): Storage {
  const mine = IDBKeyRange.bound([userId], [userId, []]);
  let closed = false;
  const keep = (work: () => Promise<unknown>) => {
    if (closed) return;
    work().then(
      () => onKept(true),
      () => onKept(false),
    );
  };
  const outbox = outboxWriter(userId, keep);
  return {
    async load() {
      const db = await database.open().catch((error) => {
        onKept(false);
        throw error;
      });
      const [pending, drafts] = await Promise.all([db.getAll('pending', mine), db.getAll('draft', mine)]);
      pending.sort((a, b) => a.place - b.place);
      dropStray(db, (key) => uuidTime(key) < Date.now() - STRAY_MS).catch(() => undefined);
      outbox.known(pending.map((row) => row.pending.clientId));
      return {
        outbox: pending.map((row) => row.pending),
        drafts: Object.fromEntries(drafts.map((row) => [row.roomId, row.draft])),
      };
    },
    saveOutbox: outbox.save,
    savePicture: (key, picture) => keep(async () => (await database.open()).put('picture', picture, key)),
    picture: async (key) => (await database.open()).get('picture', key),
    dropPicture: (key) => keep(async () => (await database.open()).delete('picture', key)),
    saveDraft: (roomId, draft) => keep(() => writeDraft(userId, roomId, draft)),
    async clear() {
      closed = true;
      const db = await database.open();
      await Promise.all([db.delete('pending', mine), db.delete('draft', mine)]);
      await dropStray(db, () => true);
    },
  };
}

/** Writes the whole outbox, and deletes messages that left it. */
function outboxWriter(userId: string, keep: (work: () => Promise<unknown>) => void) {
  let known = new Set<string>();
  let last: readonly Pending[] = [];
  return {
    known: (clientIds: readonly string[]) => {
      known = new Set(clientIds);
    },
    save: (outbox: readonly Pending[]) => {
      if (outbox === last) return;
      last = outbox;
      const now = new Set(outbox.map((p) => p.clientId));
      const gone = [...known].filter((clientId) => !now.has(clientId));
      known = now;
      keep(async () => {
        const db = database.opened() ?? (await database.open());
        const tx = db.transaction('pending', 'readwrite', { durability: 'relaxed' });
        for (const clientId of gone) void tx.store.delete([userId, clientId]);
        outbox.forEach((pending, place) => void tx.store.put({ userId, place, pending }));
        tx.commit();
        await tx.done;
      });
    },
  };
}

async function writeDraft(userId: string, roomId: string, draft: Draft | undefined): Promise<void> {
  const db = database.opened() ?? (await database.open());
  const tx = db.transaction('draft', 'readwrite', { durability: 'relaxed' });
  if (draft) void tx.store.put({ userId, roomId, draft });
  else void tx.store.delete([userId, roomId]);
  // Committed explicitly, because the page may be closing.
  tx.commit();
  await tx.done;
}
