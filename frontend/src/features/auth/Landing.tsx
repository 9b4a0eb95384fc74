/** The landing page: what the product promises at the left, sign-in or sign-up at the right. */
import { Check, ChevronDown, Clock, Globe, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import type { Me } from '../../api/contract';
import { BRAND } from '../../lib/brand';
import { isDark, toggleTheme, useTheme } from '../../lib/browser/theme';
import { type Locale, useLanguage } from '../../lib/i18n';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { Mark } from '../../ui/Mark';
import { Menu } from '../../ui/overlay/Menu';
import { SignInForm } from './SignInForm';
import { SignUpForm } from './SignUpForm';

const HANA = { id: 'a5', displayName: '佐藤 花', photoUrl: '/hana.svg' };
const MIKA = { id: 'm1', displayName: 'Mika Arai', photoUrl: '/mika.svg' };

type Props = { signUp: boolean; notice?: string | undefined; onSignedIn: (me: Me) => void };

export function Landing({ signUp, notice, onSignedIn }: Props) {
  const { words } = useLanguage();
  return (
    <main className="land">
      <section className="land-l">
        <div className="row brand">
          <Mark />
          <span className="name">{BRAND}</span>
        </div>
        <div className="land-mid">
          <h1>{words.landing.title}</h1>
          <p className="lead-text t2 prose">{words.landing.lead}</p>
          <Demo />
        </div>
        <p className="muted host">{location.host}</p>
      </section>
      <section className="land-r">
        <Switches />
        <div className="land-form">
          {notice && (
            <p className="land-notice" role="status">
              {notice}
            </p>
          )}
          {signUp ? <SignUpForm onSignedIn={onSignedIn} /> : <SignInForm onSignedIn={onSignedIn} />}
        </div>
        <a className="land-foot" href="/api/docs">
          API
        </a>
      </section>
    </main>
  );
}

function Demo() {
  const { words } = useLanguage();
  const t = words.landing;
  return (
    <div className="demo" aria-hidden="true">
      <div className="msg first">
        <div className="lead">
          <Avatar user={HANA} />
        </div>
        <div className="body">
          <p className="by">
            <b lang="ja">{HANA.displayName}</b>
            <time>9:41</time>
          </p>
          <div className="txt">{t.demo1}</div>
        </div>
      </div>
      <div className="msg first">
        <div className="lead">
          <Avatar user={MIKA} />
        </div>
        <div className="body">
          <p className="by">
            <b>{MIKA.displayName}</b>
            <time>9:42</time>
          </p>
          <div className="txt">{t.demo2}</div>
        </div>
        <div className="state">
          <Check className="i i-14 tick" />
          {words.state.sent}
        </div>
      </div>
      <div className="waterline">
        <span>
          <b>{t.demoNone}</b> {t.demoKept}
        </span>
      </div>
      <div className="msg pending">
        <div className="lead" />
        <div className="body">
          <div className="txt">{t.demo3}</div>
        </div>
        <div className="state warn">
          <Clock className="i i-14" />
          {words.state.waiting}
        </div>
      </div>
    </div>
  );
}

const LANGUAGES: readonly { locale: Locale; label: string }[] = [
  { locale: 'en', label: 'English' },
  { locale: 'ja', label: '日本語' },
];

function Switches() {
  const { locale, words, choose } = useLanguage();
  const theme = useTheme();
  const [menu, setMenu] = useState<HTMLElement>();
  const dark = isDark(theme);
  return (
    <div className="row switches">
      <button
        type="button"
        className="btn plain sm"
        aria-haspopup="menu"
        aria-expanded={menu !== undefined}
        onClick={(event) => setMenu(event.currentTarget)}
      >
        <Globe className="i i-14" aria-hidden="true" />
        {LANGUAGES.find((language) => language.locale === locale)?.label}
        <ChevronDown className="i i-14" aria-hidden="true" />
      </button>
      <IconButton label={dark ? words.landing.light : words.landing.dark} onClick={toggleTheme}>
        {dark ? <Sun className="i" /> : <Moon className="i" />}
      </IconButton>
      {menu && (
        <Menu
          anchor={menu}
          label={words.landing.language}
          onClose={() => setMenu(undefined)}
          items={LANGUAGES.map((language) => ({
            label: language.label,
            checked: language.locale === locale,
            run: () => choose(language.locale),
          }))}
        />
      )}
    </div>
  );
}
