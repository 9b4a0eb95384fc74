/** The address bar as a store. `app/paths.ts` knows what the paths mean. */
import { createStore, useStore } from './store';

const location = createStore<string>(typeof window === 'undefined' ? '/' : window.location.pathname);
const whole = (path: string) => path;

if (typeof window !== 'undefined') {
  window.addEventListener('popstate', () => location.set(() => window.location.pathname));
}

export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  if (path === window.location.pathname) return;
  if (how === 'push') window.history.pushState({ ours: true }, '', path);
  else window.history.replaceState(window.history.state, '', path);
  location.set(() => window.location.pathname);
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
