/** Colours and language. */

import { chooseTheme, type Theme, useTheme } from '../../lib/browser/theme';
import { type Locale, useLanguage } from '../../lib/i18n';
import { useAccount } from '../../realtime/hooks/use-actions';

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
  const account = useAccount();
  const take = (next: Locale) => {
    choose(next);
    // Where it is not stored, it holds on this device.
    account.change({ locale: next }).catch(() => undefined);
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
            onClick={() => take(language.locale)}
          >
            {language.label}
          </button>
        ))}
      </div>
    </>
  );
}
