/** What is being written: on screen in the same frame, on the disk and in the other tabs a moment later. */
import { type Chat, update } from './chat';
import { type Draft, NO_DRAFT } from './state';

const SAVE_PAUSE_MS = 300;

export function draftOf(chat: Chat, roomId: string): Draft {
  return chat.store.get().drafts[roomId] ?? NO_DRAFT;
}

function isEmpty({ text, replyTo, images = [], edit }: Draft): boolean {
  return text.trim() === '' && replyTo === undefined && images.length === 0 && edit === undefined;
}

export function changeDraft(chat: Chat, roomId: string, change: Partial<Draft>): void {
  const next = { ...draftOf(chat, roomId), ...change };
  update(chat, (state) => {
    const { [roomId]: _, ...rest } = state.drafts;
    // Spaces are no draft, but whoever writes them sees them.
    return { drafts: isEmpty(next) && next.text === '' ? rest : { ...rest, [roomId]: next } };
  });
  chat.unsaved.add(roomId);
  chat.saveDrafts('soon');
}

export function startDrafts(chat: Chat): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const roomId of chat.unsaved) {
      const now = draftOf(chat, roomId);
      const draft = isEmpty(now) ? undefined : now;
      chat.storage.saveDraft(roomId, draft);
      chat.tell({ what: 'draft', roomId, draft });
    }
    chat.unsaved.clear();
  };
  chat.saveDrafts = (when) => {
    if (when === 'now') save();
    else timer ??= setTimeout(save, SAVE_PAUSE_MS);
  };
  window.addEventListener('pagehide', save);
  chat.ends.push(() => {
    window.removeEventListener('pagehide', save);
    save();
  });
}
