/** Two languages as two typed dictionaries; a key that one of them lacks does not compile. */
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { en, type Words } from './words.en';
import { ja } from './words.ja';

export type Locale = 'en' | 'ja';
export type { Words };

const KEPT = 'chat.locale';
const WORDS: Record<Locale, Words> = { en, ja };

export function wordsOf(locale: Locale): Words {
  return WORDS[locale];
}

/** What was chosen on this device, else what the browser asks for. */
export function firstLocale(): Locale {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'en' || kept === 'ja') return kept;
  return navigator.languages.some((language) => language.startsWith('ja')) && !navigator.language.startsWith('en')
    ? 'ja'
    : 'en';
}

export function keepLocale(locale: Locale): void {
  localStorage.setItem(KEPT, locale);
}

type Language = { locale: Locale; words: Words; choose: (locale: Locale) => void };

const LanguageContext = createContext<Language>({ locale: 'en', words: en, choose: () => undefined });

export function LanguageProvider(props: { locale: Locale; choose: (locale: Locale) => void; children: ReactNode }) {
  const { locale, choose, children } = props;
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  return <LanguageContext value={{ locale, words: WORDS[locale], choose }}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function useWords(): Words {
  return useContext(LanguageContext).words;
}
