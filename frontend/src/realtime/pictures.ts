/** Pictures that are to be sent: kept on this device, uploaded once, and let go. */
import { uploadImage } from '../api/room';
import { type Chat, update } from './chat';

/** Own pictures that were sent are shown from this device, so that they stand still; so many of them. */
const SHOWN_MAX = 20;

type Uploaded = { url: string; id: string };
export type Kept = { readonly blob: Blob; readonly url: string };

/** Keeps a picture for sending, over a reload too. */
export function keepPicture(chat: Chat, key: string, blob: Blob): string {
  const url = URL.createObjectURL(blob);
  chat.pictures.set(key, { blob, url });
  chat.storage.savePicture(key, blob);
  return url;
}

export async function pictureOf(chat: Chat, key: string): Promise<Kept | undefined> {
  const here = chat.pictures.get(key);
  if (here) return here;
  const blob = await chat.storage.picture(key);
  const meanwhile = chat.pictures.get(key);
  if (meanwhile || !blob) return meanwhile;
  const picture = { blob, url: URL.createObjectURL(blob) };
  chat.pictures.set(key, picture);
  return picture;
}

/** Uploads the kept picture of a message, once however many ask. */
export function upload(chat: Chat, key: string, name: string): Promise<Uploaded> {
  const running = chat.uploads.get(key);
  if (running) return running.done;
  const stopper = new AbortController();
  const progress = (share: number) => update(chat, (state) => ({ progress: { ...state.progress, [key]: share } }));
  const run = async () => {
    const picture = await pictureOf(chat, key);
    if (!picture) throw new Error('the picture is not kept');
    progress(0);
    return uploadImage(picture.blob, name, { onProgress: progress, signal: stopper.signal });
  };
  const done = run();
  chat.uploads.set(key, { done, stop: () => stopper.abort() });
  done.catch(() => chat.uploads.delete(key));
  return done;
}

/** Given up: it is neither uploaded nor kept any longer. */
export function dropPicture(chat: Chat, key: string): void {
  chat.uploads.get(key)?.stop();
  release(chat, key);
  forget(chat, key);
}

/** Its message is stored. */
export function sentPicture(chat: Chat, key: string): void {
  release(chat, key);
  const shown = chat.pictures.get(key);
  if (!shown) return;
  // The last one sent is the last one to go.
  chat.pictures.delete(key);
  chat.pictures.set(key, shown);
  const { outbox, drafts } = chat.store.get();
  const wanted = new Set([
    ...outbox.map((pending) => pending.clientId),
    ...Object.values(drafts).flatMap((draft) => draft.images?.map((image) => image.clientId) ?? []),
  ]);
  const sent = [...chat.pictures.keys()].filter((other) => !wanted.has(other));
  for (const old of sent.slice(0, -SHOWN_MAX)) forget(chat, old);
}

function release(chat: Chat, key: string): void {
  chat.storage.dropPicture(key);
  chat.uploads.delete(key);
  update(chat, (state) => {
    if (!(key in state.progress)) return {};
    const { [key]: _, ...progress } = state.progress;
    return { progress };
  });
}

function forget(chat: Chat, key: string): void {
  const picture = chat.pictures.get(key);
  if (picture) URL.revokeObjectURL(picture.url);
  chat.pictures.delete(key);
}
