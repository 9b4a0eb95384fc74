/** Colours and language. */
import { changeMe } from '../../api/account';
import { type Locale, useLanguage } from '../../lib/i18n';
import { chooseTheme, type Theme, useTheme } from '../../lib/theme';
import { update } from '../../realtime/chat';
import { useChat } from '../../realtime/use-chat';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const LOCALES: readonly { locale: Locale; label: string }[] = [
  { locale: 'en', label: 'English' },
  { locale: 'ja', label: '日本語' },
];

export function Appearance() {
  const { words } = useLanguage();
  const theme = useTheme();
  return (
    <div className="seg tall" role="group" aria-label={words.settings.colours}>
      {THEMES.map((name) => (
        <button
          key={name}
          type="button"
          className={name === theme ? 'on' : ''}
          aria-pressed={name === theme}
          onClick={() => chooseTheme(name)}
        >
          {words.settings[name]}
        </button>
      ))}
    </div>
  );
}

export function LanguageChoice() {
  const { words, locale, choose } = useLanguage();
  const chat = useChat();
  const take = async (next: Locale) => {
    choose(next);
    const me = await changeMe({ locale: next }).catch(() => undefined);
    if (me) update(chat, () => ({ me }));
  };
  return (
    <>
      <p className="t2 sub-text">{words.settings.languageText}</p>
      <div className="seg tall" role="group" aria-label={words.settings.language}>
        {LOCALES.map((language) => (
          <button
            key={language.locale}
            type="button"
            lang={language.locale}
            className={language.locale === locale ? 'on' : ''}
            aria-pressed={language.locale === locale}
            onClick={() => void take(language.locale)}
          >
            {language.label}
          </button>
        ))}
      </div>
    </>
  );
}
