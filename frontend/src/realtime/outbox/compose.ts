/** Between a room's draft and the outbox: what goes with a message, what is sent, and what is taken back. */
import { uuidV7 } from '../../lib/uuid';
import type { DraftImage } from '../../model/draft';
import type { PendingImage } from '../../model/outbox';
import type { DraftSync } from '../drafts/draft-sync';
import type { Drafts } from '../drafts/drafts';
import type { ChatStore } from '../store/store';
import type { History } from '../sync/history';
import type { Outbox } from './outbox';
import type { Pictures } from './pictures';

export type Compose = {
  /** Keeps a picture with the room's draft, and begins to upload it. */
  readonly attach: (roomId: string, file: Blob, about: Omit<DraftImage, 'clientId'>) => void;
  readonly detach: (roomId: string, clientId: string) => void;
  /** Sends what is in the room's draft, each further picture as a message of its own, and empties it. */
  readonly sendDraft: (roomId: string) => void;
  /** Takes a failed message into the room's draft, before what is being written there. */
  readonly takeBack: (clientId: string) => void;
};

type Deps = {
  store: ChatStore;
  history: Pick<History, 'loadEnd'>;
  drafts: Pick<Drafts, 'get' | 'change' | 'saveNow'>;
  draftSync: Pick<DraftSync, 'now'>;
  pictures: Pick<Pictures, 'keep' | 'upload' | 'drop'>;
  outbox: Pick<Outbox, 'put' | 'discard'>;
};

export function createCompose(deps: Deps): Compose {
  const { drafts, pictures } = deps;
  return {
    attach: (roomId, file, about) => {
      const clientId = uuidV7();
      pictures.keep(clientId, file);
      // Where that fails, sending tries again.
      pictures.upload(clientId, about.name).catch(() => undefined);
      drafts.change(roomId, { images: [...(drafts.get(roomId).images ?? []), { clientId, ...about }] });
    },
    detach: (roomId, clientId) => {
      pictures.drop(clientId);
      drafts.change(roomId, { images: drafts.get(roomId).images?.filter((image) => image.clientId !== clientId) });
    },
    sendDraft: (roomId) => sendDraft(deps, roomId),
    takeBack: (clientId) => takeBack(deps, clientId),
  };
}

type Outgoing = { content: string; replyTo?: string; clientId?: string; image?: PendingImage };

function sendDraft(deps: Deps, roomId: string): void {
  const { drafts, draftSync } = deps;
  const { text, replyTo, images = [] } = drafts.get(roomId);
  const [first, ...more] = images;
  const reply = replyTo === undefined ? {} : { replyTo };
  put(deps, roomId, { content: text.trim(), ...reply, ...outgoing(first) });
  for (const image of more) put(deps, roomId, { content: '', ...outgoing(image) });
  drafts.change(roomId, { text: '', replyTo: undefined, images: undefined });
  // A message in the outbox must never come back as a draft.
  drafts.saveNow();
  draftSync.now();
}

function put({ history, outbox }: Deps, roomId: string, { clientId = uuidV7(), ...rest }: Outgoing): void {
  void history.loadEnd(roomId);
  const createdAt = new Date().toISOString();
  outbox.put({ clientId, roomId, ...rest, createdAt, state: 'queued', attempts: 0 });
}

function outgoing(image: DraftImage | undefined): Partial<Outgoing> {
  if (!image) return {};
  const { clientId, name, type, bytes, size } = image;
  return { clientId, image: { name, type, bytes, size } };
}

function takeBack({ store, drafts, outbox }: Deps, clientId: string): void {
  const pending = store.get().outbox.find((p) => p.clientId === clientId);
  if (!pending) return;
  const { text, replyTo, edit } = drafts.get(pending.roomId);
  const both = text.trim() === '' ? pending.content : `${pending.content}\n${text}`;
  // An edit that was begun stays in the composer, and the text is appended.
  const begun = edit !== undefined && edit.text !== edit.message.content ? edit : undefined;
  drafts.change(pending.roomId, { text: both, replyTo: replyTo ?? pending.replyTo, edit: begun });
  outbox.discard(clientId);
}
