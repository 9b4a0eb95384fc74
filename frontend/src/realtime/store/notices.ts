/** Short notices at the edge of the page; at most three are shown. */

import type { Notice } from './state';
import type { ChatStore } from './store';

const SHOWN_MAX = 3;

export type Notices = {
  readonly notify: (text: string, more?: Omit<Notice, 'id' | 'text'>) => void;
  readonly dismiss: (id: number) => void;
};

export function createNotices({ store }: { store: ChatStore }): Notices {
  let last = 0;
  return {
    notify: (text, more = {}) => {
      last += 1;
      const notice: Notice = { id: last, text, ...more };
      store.update((state) => ({ notices: [...state.notices.slice(1 - SHOWN_MAX), notice] }));
    },
    dismiss: (id) => store.update((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
  };
}
