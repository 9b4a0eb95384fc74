/** Landing or dashboard; the language of both. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { getMe } from '../api/account';
import type { Me } from '../api/contract';
import { finishSignOut, isSignOutPending, keepMe, keptMe, onOtherTab } from '../api/session';
import { Landing } from '../features/auth/Landing';
import { BRAND } from '../lib/brand';
import { paths, placeOf } from '../lib/browser/paths';
import { navigate, usePath } from '../lib/browser/route';
import { firstLocale, keepLocale, LanguageProvider, type Locale, wordsOf } from '../lib/i18n';
import { createBackoff } from '../lib/retry';
import type { Ended } from '../realtime/store/state';

const loadDashboard = () => import('./Dashboard').then((module) => ({ default: module.Dashboard }));
const Dashboard = lazy(loadDashboard);

type Who = { state: 'asking' } | { state: 'out'; notice?: string } | { state: 'in'; me: Me };

function firstWho(): Who {
  if (isSignOutPending()) return { state: 'out' };
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
  const onMe = useCallback(
    (me: Me) => {
      // It was chosen on another device.
      if (me.locale !== keptMe()?.locale) choose(me.locale);
      keepMe(me);
    },
    [choose],
  );
  const signIn = useCallback(
    (me: Me) => {
      keepMe(me);
      choose(me.locale);
      setWho({ state: 'in', me });
      if (placeOf(window.location.pathname).at === 'signUp') navigate(paths.home, 'replace');
    },
    [choose],
  );
  const onEnded = useCallback(
    (ended: Ended) => {
      if (ended.why !== 'expired') navigate(paths.home, 'replace');
      if (ended.why === 'other') return signIn(ended.me);
      keepMe(undefined);
      setWho({ state: 'out', ...(ended.why === 'expired' ? { notice: wordsOf(locale).problem.signedOut } : {}) });
    },
    [locale, signIn],
  );
  useWhoAmI(who, signIn, setWho);
  const isPending = usePendingSignOut(who.state === 'out', signIn);

  useEffect(() => {
    if (who.state === 'out') document.title = BRAND;
  }, [who.state]);

  return (
    <LanguageProvider locale={locale} choose={choose}>
      {who.state === 'out' && (
        <Landing
          signUp={place.at === 'signUp'}
          notice={isPending ? wordsOf(locale).landing.signOutPending : who.notice}
          onSignedIn={signIn}
        />
      )}
      {who.state === 'in' && (
        <Suspense fallback={<div className="boot" aria-busy="true" />}>
          <Dashboard key={who.me.id} me={who.me} place={place} onEnded={onEnded} onMe={onMe} />
        </Suspense>
      )}
    </LanguageProvider>
  );
}

/** Asks the server for the user where this device does not know one. A known user is shown, and confirmed later. */
function useWhoAmI(who: Who, signIn: (me: Me) => void, set: (who: Who) => void): void {
  const asking = who.state === 'asking';
  useEffect(() => {
    if (asking) getMe().then(signIn, () => set({ state: 'out' }));
  }, [asking, signIn, set]);
}

/**
 * Nobody is signed in. Reports a sign-out to the server until it answers, and returns whether it has not answered so
 * far; a sign-in in another tab signs in here, too.
 */
function usePendingSignOut(out: boolean, signIn: (me: Me) => void): boolean {
  const [isPending, setPending] = useState(false);
  useEffect(() => {
    if (!out) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const backoff = createBackoff();
    const report = () => {
      clearTimeout(timer);
      finishSignOut().then(
        () => setPending(false),
        () => {
          setPending(true);
          timer = setTimeout(report, backoff.nextMs());
        },
      );
    };
    report();
    window.addEventListener('online', report);
    const stop = onOtherTab((tab) => {
      if (tab.did === 'finishSignOut') report();
      if (tab.did === 'signIn' && !isSignOutPending()) signIn(tab.me);
    });
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', report);
      stop();
      setPending(false);
    };
  }, [out, signIn]);
  return isPending;
}
