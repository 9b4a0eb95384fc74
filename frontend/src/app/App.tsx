/** Landing or dashboard; the language of both. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { getMe } from '../api/account';
import type { Me } from '../api/contract';
import { codeOf } from '../api/problem';
import { Landing } from '../features/auth/Landing';
import { BRAND } from '../lib/brand';
import { firstLocale, keepLocale, LanguageProvider, type Locale, wordsOf } from '../lib/i18n';
import { paths, placeOf } from '../lib/paths';
import { navigate, usePath } from '../lib/route';
import { keepMe, keptMe } from './kept-me';

const loadDashboard = () => import('./Dashboard').then((module) => ({ default: module.Dashboard }));
const Dashboard = lazy(loadDashboard);

type Who = { state: 'asking' } | { state: 'out'; notice?: string } | { state: 'in'; me: Me };

function firstWho(): Who {
  const me = keptMe();
  if (me) void loadDashboard();
  return me ? { state: 'in', me } : { state: 'asking' };
}

export function App() {
  const [who, setWho] = useState<Who>(firstWho);
  const [locale, setLocale] = useState<Locale>(firstLocale);
  const path = usePath();
  const place = useMemo(() => placeOf(path), [path]);

  const choose = useCallback((next: Locale) => {
    keepLocale(next);
    setLocale(next);
  }, []);
  const signIn = useCallback(
    (me: Me) => {
      keepMe(me);
      choose(me.locale);
      setWho({ state: 'in', me });
      if (placeOf(window.location.pathname).at === 'signUp') navigate(paths.home, 'replace');
    },
    [choose],
  );
  const signOut = useCallback(
    (expired: boolean) => {
      const gone = keptMe();
      if (gone)
        void import('../realtime/copies').then(({ forgetCopies }) => forgetCopies(gone.id)).catch(() => undefined);
      keepMe(undefined);
      setWho({ state: 'out', ...(expired ? { notice: wordsOf(locale).problem.signedOut } : {}) });
    },
    [locale],
  );
  const leave = useCallback(
    (expired: boolean) => {
      signOut(expired);
      if (!expired) navigate(paths.home);
    },
    [signOut],
  );
  useWhoAmI(who, signIn, signOut, setWho);

  useEffect(() => {
    if (who.state === 'out') document.title = BRAND;
  }, [who.state]);

  return (
    <LanguageProvider locale={locale} choose={choose}>
      {who.state === 'out' && <Landing signUp={place.at === 'signUp'} notice={who.notice} onSignedIn={signIn} />}
      {who.state === 'in' && (
        <Suspense fallback={<div className="boot" aria-busy="true" />}>
          <Dashboard key={who.me.id} me={who.me} place={place} onSignedOut={leave} onMe={keepMe} />
        </Suspense>
      )}
    </LanguageProvider>
  );
}

/** Asks the server once who this is. No answer leaves a known person in: the page works offline. */
function useWhoAmI(
  who: Who,
  signIn: (me: Me) => void,
  signOut: (expired: boolean) => void,
  set: (who: Who) => void,
): void {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (asked) return;
    setAsked(true);
    getMe().then(
      (me) => {
        if (who.state === 'in' && who.me.id === me.id) keepMe(me);
        else signIn(me);
      },
      (error) => {
        if (codeOf(error) === 'unauthenticated') signOut(who.state === 'in');
        else if (who.state === 'asking') set({ state: 'out' });
      },
    );
  }, [asked, who, signIn, signOut, set]);
}
