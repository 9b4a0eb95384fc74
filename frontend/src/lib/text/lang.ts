/** Which language a piece of user text is in, as far as glyphs and line height need to know. */
const JAPANESE = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f]/;

export function langOf(text: string): 'ja' | undefined {
  return JAPANESE.test(text) ? 'ja' : undefined;
}

/** `{lang: 'ja'}` or nothing, to spread into an element. */
export function langProps(text: string): { lang?: 'ja' } {
  return JAPANESE.test(text) ? { lang: 'ja' } : {};
}
