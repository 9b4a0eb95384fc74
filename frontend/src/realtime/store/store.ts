/** The store of the realtime client's state. */
import type { Me } from '../../api/contract';
import { createStore, type Store } from '../../lib/store';
import { type ChatState, initialState } from './state';

export type ChatStore = Store<ChatState> & {
  /** Puts the keys of `change` over the state; subscribers are called only where one of them differs. */
  readonly update: (change: (state: ChatState) => Partial<ChatState>) => void;
};

export function createChatStore(me: Me): ChatStore {
  const store = createStore(initialState(me));
  return {
    ...store,
    update: (change) =>
      store.set((state) => {
        const news = change(state);
        const keys = Object.keys(news) as (keyof ChatState)[];
        return keys.some((key) => !Object.is(news[key], state[key])) ? { ...state, ...news } : state;
      }),
  };
}
