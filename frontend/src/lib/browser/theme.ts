/** Light, dark, or as the system says. Kept on this device. */
import { createStore, useStore } from '../store';

export type Theme = 'system' | 'light' | 'dark';

const KEPT = 'chat.theme';

function read(): Theme {
  const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

const store = createStore<Theme>(read());

function show(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function startTheme(): void {
  show(store.get());
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, theme);
  show(theme);
  store.set(() => theme);
}

export function isDark(theme: Theme = store.get()): boolean {
  return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

export function toggleTheme(): void {
  chooseTheme(isDark() ? 'light' : 'dark');
}

const whole = (theme: Theme) => theme;

export function useTheme(): Theme {
  return useStore(store, whole);
}
