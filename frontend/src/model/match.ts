/** Finds people and rooms by what was typed. */
import type { User } from '../api/contract';

type Span = { readonly text: string; readonly hit: boolean };

/** Where in `text` the query is: 3 at its start, 2 at a word, 1 inside, 0 nowhere. */
export function rank(text: string, query: string): number {
  const at = fold(text).indexOf(fold(query));
  if (query === '' || at < 0) return query === '' ? 1 : 0;
  if (at === 0) return 3;
  return /[\s._@-]/.test(text[at - 1] ?? '') ? 2 : 1;
}

/** Cuts the text into what was found and what was not. */
export function spans(text: string, query: string): readonly Span[] {
  const folded = fold(text);
  const at = query === '' || folded.length !== text.length ? -1 : folded.indexOf(fold(query));
  if (at < 0) return [{ text, hit: false }];
  const end = at + query.length;
  return [
    { text: text.slice(0, at), hit: false },
    { text: text.slice(at, end), hit: true },
    { text: text.slice(end), hit: false },
  ].filter((span) => span.text !== '');
}

/** Users whom the server found for these letters. */
export type Found = { readonly query: string; readonly users: readonly User[] };

export const NOBODY: Found = { query: '', users: [] };

/** Of users found for other letters, those whom the current letters still match: Enter must not choose another one. */
export function fitting({ query: asked, users }: Found, query: string): readonly User[] {
  if (query === '') return [];
  if (asked === query) return users;
  return users.filter((user) => Math.max(rank(user.username, query), rank(user.displayName, query)) > 0);
}

function fold(text: string): string {
  return text.toLowerCase();
}
