/** The text field of the composer: where the focus goes, and how high it is. */
import { type RefObject, useEffect, useLayoutEffect } from 'react';
import { TOUCH } from '../../lib/browser/media';
import type { ComposerState } from './use-composer';

const HEIGHT_SHARE = 0.4;

export function useField(area: RefObject<HTMLTextAreaElement | null>, { draft, editing, text }: ComposerState): void {
  const editedId = editing?.message.id;
  useEffect(() => {
    const el = area.current;
    if (editedId === undefined || !el) return;
    el.focus();
    el.setSelectionRange(el.value.length, el.value.length);
  }, [area, editedId]);
  // Whoever opens a room writes in it, and goes on at the end; a touch would bring up the keyboard.
  useEffect(() => {
    const el = area.current;
    el?.setSelectionRange(el.value.length, el.value.length);
    if (!matchMedia(TOUCH).matches) el?.focus({ preventScroll: true });
  }, [area]);
  useEffect(() => {
    if (draft.replyTo) area.current?.focus();
  }, [area, draft.replyTo]);
  // The height follows the text.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every other text
  useLayoutEffect(() => {
    const el = area.current;
    if (!el) return;
    el.style.height = 'auto';
    el.style.height = `${Math.min(el.scrollHeight, innerHeight * HEIGHT_SHARE)}px`;
  }, [area, text]);
}
