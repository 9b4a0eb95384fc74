/** Pictures to send: stored on this device, uploaded once, and released. */
import { uploadImage } from '../../api/room';
import { without } from '../../lib/record';
import type { Storage } from '../store/storage';
import type { ChatStore } from '../store/store';

/** Own pictures that were sent are shown from this device, so that they do not flicker; so many of them. */
const SHOWN_MAX = 20;

export type Uploaded = { readonly url: string; readonly id: string };
type Held = { readonly blob: Blob; readonly url: string };

/** Each picture has the client id of its message as its key. */
export type Pictures = {
  /** Keeps a picture for sending, over a reload too. */
  readonly keep: (key: string, blob: Blob) => void;
  /** An address to show it by, where it is held in memory. */
  readonly urlOf: (key: string) => string | undefined;
  /** The same, read from this device where it is only there. */
  readonly load: (key: string) => Promise<string | undefined>;
  /** Uploads a picture; concurrent calls share one upload. */
  readonly upload: (key: string, name: string) => Promise<Uploaded>;
  /** Discarded: it is neither uploaded nor stored any longer. */
  readonly drop: (key: string) => void;
  /** Its message is stored. */
  readonly sent: (key: string) => void;
};

type Own = {
  readonly store: ChatStore;
  readonly storage: Storage;
  readonly held: Map<string, Held>;
  readonly uploads: Map<string, { readonly done: Promise<Uploaded>; readonly stop: () => void }>;
};

export function createPictures(deps: { store: ChatStore; storage: Storage }): Pictures {
  const own: Own = { ...deps, held: new Map(), uploads: new Map() };
  return {
    keep: (key, blob) => {
      own.held.set(key, { blob, url: URL.createObjectURL(blob) });
      own.storage.savePicture(key, blob);
    },
    urlOf: (key) => own.held.get(key)?.url,
    load: async (key) => (await load(own, key))?.url,
    upload: (key, name) => upload(own, key, name),
    drop: (key) => {
      own.uploads.get(key)?.stop();
      release(own, key);
      forget(own, key);
    },
    sent: (key) => sent(own, key),
  };
}

async function load({ held, storage }: Own, key: string): Promise<Held | undefined> {
  const here = held.get(key);
  if (here) return here;
  const blob = await storage.picture(key);
  const meanwhile = held.get(key);
  if (meanwhile || !blob) return meanwhile;
  const picture = { blob, url: URL.createObjectURL(blob) };
  held.set(key, picture);
  return picture;
}

function upload(own: Own, key: string, name: string): Promise<Uploaded> {
  const running = own.uploads.get(key);
  if (running) return running.done;
  const stopper = new AbortController();
  const progress = (share: number) => own.store.update((state) => ({ progress: { ...state.progress, [key]: share } }));
  const run = async () => {
    const picture = await load(own, key);
    if (!picture) throw new Error('the picture is not kept');
    progress(0);
    return uploadImage(picture.blob, name, { onProgress: progress, signal: stopper.signal });
  };
  const done = run();
  own.uploads.set(key, { done, stop: () => stopper.abort() });
  done.catch(() => own.uploads.delete(key));
  return done;
}

function sent(own: Own, key: string): void {
  const { held, store } = own;
  release(own, key);
  const shown = held.get(key);
  if (!shown) return;
  // The last one sent is the last one to go.
  held.delete(key);
  held.set(key, shown);
  const { outbox, drafts } = store.get();
  const wanted = new Set([
    ...outbox.map((pending) => pending.clientId),
    ...Object.values(drafts).flatMap((draft) => draft.images?.map((image) => image.clientId) ?? []),
  ]);
  const old = [...held.keys()].filter((other) => !wanted.has(other)).slice(0, -SHOWN_MAX);
  for (const other of old) forget(own, other);
}

function release({ store, storage, uploads }: Own, key: string): void {
  storage.dropPicture(key);
  uploads.delete(key);
  store.update((state) => ({ progress: without(state.progress, key) }));
}

function forget({ held }: Own, key: string): void {
  const picture = held.get(key);
  if (picture) URL.revokeObjectURL(picture.url);
  held.delete(key);
}
