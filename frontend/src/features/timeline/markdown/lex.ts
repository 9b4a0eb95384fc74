/** Cuts a message into tokens, in bounded time for any input. */
import { Lexer, type Token, type Tokens } from 'marked';

const OPTIONS = { gfm: true, breaks: true } as const;
/** Deeper nesting is never meant, and could not be rendered. */
const DEPTH_MAX = 12;

/** Tokens of the text; where it is nested too deeply, the text as it is. */
export function lex(text: string): readonly Token[] {
  try {
    const tokens = new Lexer(OPTIONS).lex(text);
    if (!deeper(tokens, DEPTH_MAX)) return tokens;
  } catch {
    // Nested so deeply that the lexer failed.
  }
  return text.split('\n').map((line): Tokens.Text => ({ type: 'text', raw: line, text: line, escaped: false }));
}

function deeper(tokens: readonly Token[], max: number): boolean {
  if (max === 0) return tokens.length > 0;
  return tokens.some((token) => {
    const { tokens: inside = [], items = [] } = token as { tokens?: readonly Token[]; items?: readonly Token[] };
    return deeper(inside, max - 1) || deeper(items, max - 1);
  });
}
