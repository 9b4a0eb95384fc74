/** The smallest store that React can subscribe to: one immutable value, replaced as a whole. */
import { useCallback, useSyncExternalStore } from 'react';

export type Store<T> = {
  get: () => T;
  set: (change: (value: T) => T) => void;
  subscribe: (listener: () => void) => () => void;
};

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (change) => {
      const next = change(value);
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The selector must return a part of the value, not something made anew. */
export function useStore<T, U>(store: Pick<Store<T>, 'get' | 'subscribe'>, select: (value: T) => U): U {
  const snapshot = useCallback(() => select(store.get()), [store, select]);
  return useSyncExternalStore(store.subscribe, snapshot);
}
