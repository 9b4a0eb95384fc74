/**
 * What is being written: on screen in the same frame, on the disk and in the other tabs a moment later. From the server
 * comes what was written on other devices.
 */
import type { DraftChangedEvent, Room } from '../api/contract';
import { type Draft, heard, isNothing, NO_DRAFT, told, type Words } from '../model/draft';
import { type Chat, update } from './chat';

const SAVE_PAUSE_MS = 300;

export function draftOf(chat: Chat, roomId: string): Draft {
  return chat.store.get().drafts[roomId] ?? NO_DRAFT;
}

export function changeDraft(chat: Chat, roomId: string, change: Partial<Draft>): void {
  put(chat, roomId, { ...draftOf(chat, roomId), ...change });
  chat.unsaved.add(roomId);
  chat.saveDrafts('soon');
  chat.tellDrafts('soon');
}

function put(chat: Chat, roomId: string, next: Draft): void {
  update(chat, (state) => {
    const { [roomId]: _, ...rest } = state.drafts;
    // Spaces are no draft, but whoever writes them sees them.
    return { drafts: isNothing(next) && next.text === '' ? rest : { ...rest, [roomId]: next } };
  });
}

/** Other tabs learn of it from the server themselves, so what they write meanwhile is not undone by this one. */
function learn(chat: Chat, roomId: string, change: (draft: Draft) => Draft): void {
  const now = draftOf(chat, roomId);
  const next = change(now);
  if (next === now) return;
  put(chat, roomId, next);
  save(chat, roomId);
}

function save(chat: Chat, roomId: string): Draft | undefined {
  const now = draftOf(chat, roomId);
  const draft = isNothing(now) ? undefined : now;
  chat.storage.saveDraft(roomId, draft);
  return draft;
}

/** There is news of this room's draft: what was asked for before it is old. */
export function draftNews(chat: Chat, roomId: string): void {
  chat.news.turn += 1;
  chat.news.of.set(roomId, chat.news.turn);
}

/** The server has taken these words. */
export function draftTaken(chat: Chat, roomId: string, words: Words): void {
  draftNews(chat, roomId);
  learn(chat, roomId, (draft) => told(draft, words));
}

export function onDraftChanged(chat: Chat, event: DraftChangedEvent): void {
  draftNews(chat, event.roomId);
  void chat.restored.then(() => learn(chat, event.roomId, (draft) => heard(draft, event.draft)));
}

/** What the server said of rooms that were asked for at this turn of the news. */
export function hearDrafts(chat: Chat, rooms: readonly Room[], turn: number): void {
  void chat.restored.then(() => {
    for (const room of rooms) {
      const isOld = (chat.news.of.get(room.id) ?? 0) > turn;
      if (room.myRole !== undefined && !isOld) learn(chat, room.id, (draft) => heard(draft, room.draft));
    }
  });
}

export function startDrafts(chat: Chat): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const saveAll = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const roomId of chat.unsaved) chat.tell({ what: 'draft', roomId, draft: save(chat, roomId) });
    chat.unsaved.clear();
  };
  chat.saveDrafts = (when) => {
    if (when === 'now') saveAll();
    else timer ??= setTimeout(saveAll, SAVE_PAUSE_MS);
  };
  window.addEventListener('pagehide', saveAll);
  chat.ends.push(() => {
    window.removeEventListener('pagehide', saveAll);
    saveAll();
  });
}
