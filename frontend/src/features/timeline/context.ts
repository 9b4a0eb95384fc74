/** What every row needs and that rarely changes, so that rows draw anew only when they change. */
import { createContext, useContext } from 'react';
import type { Message, User } from '../../api/contract';
import { must } from '../../lib/assert';
import type { Names } from './markdown/Markdown';

export type TimelineContext = {
  readonly me: User;
  readonly users: Readonly<Record<string, User>>;
  /** Whom mentions may name; the same object for the same people, so that texts are not drawn anew. */
  readonly names: Names;
  readonly nameOf: (id: string) => string;
  /** In a direct conversation nobody deletes what the other one wrote. */
  readonly direct: boolean;
  readonly mayWrite: boolean;
  readonly mayModerate: boolean;
  readonly jump: (messageId: string) => void;
  readonly reply: (message: Message) => void;
  readonly edit: (message: Message) => void;
  readonly askDelete: (message: Message) => void;
  readonly pickReaction: (message: Message, anchor: HTMLElement) => void;
  readonly react: (message: Message, emoji: string, on: boolean) => void;
};

export const RowsContext = createContext<TimelineContext | undefined>(undefined);

export function useRows(): TimelineContext {
  return must(useContext(RowsContext), 'RowsContext');
}
