/** An event inside the page: one part emits it, others subscribe. */
export type Subscribe<T = void> = (listener: (value: T) => void) => () => void;

export type Signal<T = void> = { readonly on: Subscribe<T>; readonly emit: (value: T) => void };

export function createSignal<T = void>(): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit: (value) => {
      for (const listener of [...listeners]) listener(value);
    },
  };
}
