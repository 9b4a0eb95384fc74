/** The address bar as a store. `paths.ts` knows what the paths mean. */
import { createStore, useStore } from '../store';

const location = createStore<string>(typeof window === 'undefined' ? '/' : window.location.pathname);
/** A page upon a page, with the same address: back closes it. */
const step = createStore<string | undefined>(stepNow());
const whole = <T>(value: T) => value;

if (typeof window !== 'undefined') {
  window.addEventListener('popstate', () => {
    location.set(() => window.location.pathname);
    step.set(stepNow);
  });
}

function stepNow(): string | undefined {
  const state: unknown = typeof window === 'undefined' ? undefined : window.history.state;
  return typeof state === 'object' && state !== null && 'step' in state ? String(state.step) : undefined;
}

export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  if (path === window.location.pathname) return;
  if (how === 'push') window.history.pushState({ ours: true }, '', path);
  else window.history.replaceState(window.history.state, '', path);
  location.set(() => window.location.pathname);
  step.set(stepNow);
}

/** Back where we came from, or to `fallback` where the page was opened directly. */
export function goBack(fallback: string): void {
  const state: unknown = window.history.state;
  if (typeof state === 'object' && state !== null && 'ours' in state) window.history.back();
  else navigate(fallback, 'replace');
}

export function usePath(): string {
  return useStore(location, whole);
}

/** The step that is open, and how to open and leave it. */
export function useStep(name: string): [boolean, (on: boolean) => void] {
  const here = useStore(step, whole) === name;
  return [
    here,
    (on) => {
      if (on === here) return;
      if (!on) return window.history.back();
      window.history.pushState({ ours: true, step: name }, '', window.location.pathname);
      step.set(stepNow);
    },
  ];
}
