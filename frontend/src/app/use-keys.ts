/** Keys that work everywhere. */
import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { Room } from '../api/contract';
import type { MakeWhat } from '../features/rooms/Sidebar';
import { type Place, paths } from '../lib/browser/paths';
import { navigate } from '../lib/browser/route';
import { toggleTheme } from '../lib/browser/theme';
import { isListed, sections } from '../model/room/room';
import { useClient } from '../realtime/client-context';
import { useOutbox } from '../realtime/hooks/use-actions';

export type Overlay = MakeWhat | 'switcher' | 'keys' | 'add';

type Input = { place: Place; overlay: Overlay | undefined; open: (overlay: Overlay | undefined) => void };

type Handlers = Input & {
  readonly rooms: () => readonly Room[];
  readonly retryAll: (roomId: string) => void;
};

export function useKeys({ place, overlay, open }: Input): void {
  const { store } = useClient();
  const { retryAll } = useOutbox();
  const rooms = useCallback(() => Object.values(store.get().rooms), [store]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (handle(event, { place, overlay, open, rooms, retryAll })) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [place, overlay, open, rooms, retryAll]);
}

/**
 * What lies above the page may still be on its way. What is typed until it has the focus does not go into the page
 * below; the answer gives it, once.
 */
export function useHeldKeys(overlay: Overlay | undefined, close: () => void): () => string {
  const typed = useRef('');
  useLayoutEffect(() => {
    if (overlay === undefined) return;
    typed.current = '';
    let there = false;
    const hold = (event: KeyboardEvent) => {
      there ||= document.querySelector('[role="dialog"]')?.contains(document.activeElement) === true;
      if (there) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') close();
      else if ([...event.key].length === 1 && !event.ctrlKey && !event.metaKey) typed.current += event.key;
    };
    window.addEventListener('keydown', hold, true);
    return () => window.removeEventListener('keydown', hold, true);
  }, [overlay, close]);
  return useCallback(() => {
    const before = typed.current;
    typed.current = '';
    return before;
  }, []);
}

/** A file that misses its place would otherwise open instead of the page. */
export function useNoStrayFiles(): void {
  useEffect(() => {
    const stop = (event: DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    };
    window.addEventListener('dragover', stop);
    window.addEventListener('drop', stop);
    return () => {
      window.removeEventListener('dragover', stop);
      window.removeEventListener('drop', stop);
    };
  }, []);
}

function handle(event: KeyboardEvent, { place, overlay, open, rooms, retryAll }: Handlers): boolean {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (command && !event.shiftKey && key === 'k') {
    open(overlay === 'switcher' ? undefined : 'switcher');
    return true;
  }
  if (overlay !== undefined) return false;
  if (command && event.shiftKey && key === 'l') {
    toggleTheme();
    return true;
  }
  if (command && event.shiftKey && key === 'enter' && place.at === 'room') {
    retryAll(place.roomId);
    return true;
  }
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    walkRooms(rooms(), place, event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
    return true;
  }
  if (event.key === 'F6') {
    walkRegions(event.shiftKey ? -1 : 1);
    return true;
  }
  if (event.key === '?' && !isTyping(event.target)) {
    open('keys');
    return true;
  }
  return false;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

function walkRooms(rooms: readonly Room[], place: Place, step: number, unreadOnly: boolean): void {
  const grouped = sections(rooms.filter(isListed));
  const all = [...grouped.rooms, ...grouped.groups, ...grouped.direct];
  const here = place.at === 'room' ? place.roomId : undefined;
  const shown = unreadOnly ? all.filter((room) => room.unread > 0 || room.id === here) : all;
  if (shown.length === 0) return;
  const at = shown.findIndex((room) => room.id === here);
  const next = shown[(at + step + shown.length) % shown.length];
  if (next) navigate(paths.room(next.id));
}

function walkRegions(step: number): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const at = all.findIndex((region) => region.contains(document.activeElement));
  const next = all[(at + step + all.length) % all.length];
  const wishes = ['#composer', '[aria-current]', 'button, a[href], [tabindex="0"]'];
  const targets = wishes.map((wish) => next?.querySelector<HTMLElement>(wish));
  targets.find((target) => target)?.focus();
}
