/** Where I am signed in. */
import { Laptop, Monitor, Smartphone } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { endSession, listSessions } from '../../api/account';
import type { Session } from '../../api/contract';
import { explain } from '../../api/explain';
import { useLanguage, type Words } from '../../lib/i18n';
import { fullDate, whenInSentence } from '../../lib/text/time';
import { useNotify } from '../../realtime/hooks/use-actions';
import { ListSkeleton } from '../../ui/Skeleton';

const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const;

function deviceOf(userAgent: string, words: Words): string {
  const browser = BROWSERS.find(([sign]) => sign.test(userAgent))?.[1];
  const system = SYSTEMS.find(([sign]) => sign.test(userAgent))?.[1];
  if (browser && system) return words.settings.on(browser, system);
  return browser ?? (userAgent.split(/[ /]/)[0] || words.settings.unknownDevice);
}

export function Sessions() {
  const { words, locale } = useLanguage();
  const t = words.settings;
  const notify = useNotify();
  const [sessions, setSessions] = useState<readonly Session[]>();
  const [problem, setProblem] = useState<unknown>();
  const load = useCallback(() => {
    listSessions().then(
      (found) => {
        setSessions(found);
        setProblem(undefined);
      },
      (error: unknown) => setProblem(error),
    );
  }, []);
  useEffect(load, [load]);
  const others = sessions?.filter((session) => !session.current) ?? [];
  const end = async (ended: readonly Session[]) => {
    try {
      await Promise.all(ended.map((session) => endSession(session.id)));
    } catch (error) {
      notify(explain(error, words).text, { bad: true });
    }
    load();
  };
  return (
    <>
      <div className="sess-head">
        <div className="grow">
          <h2 className="h2">{t.sessions}</h2>
          <p className="t2 sub-text">{t.sessionsText}</p>
        </div>
        {others.length > 0 && (
          <button type="button" className="btn sm danger-text" onClick={() => void end(others)}>
            {t.signOutOthers}
          </button>
        )}
      </div>
      {!sessions && problem === undefined && <ListSkeleton rows={3} />}
      {problem !== undefined && (
        <p className="muted sub-text" role="alert">
          {explain(problem, words).text}{' '}
          <button type="button" className="btn link sm" onClick={load}>
            {words.common.tryAgain}
          </button>
        </p>
      )}
      <ul>
        {sessions?.map((session) => {
          const name = deviceOf(session.userAgent, words);
          const when = session.current
            ? t.signedIn(fullDate(session.createdAt, locale))
            : t.active(whenInSentence(session.usedAt, locale));
          return (
            <li className="sess" key={session.id}>
              <span className="t2" aria-hidden="true">
                <DeviceIcon userAgent={session.userAgent} />
              </span>
              <div className="grow">
                <div className="row">
                  <b>{name}</b>
                  {session.current && <span className="tag ok">{t.thisSession}</span>}
                </div>
                <div className="muted sub-text">
                  {session.address} · {when}
                </div>
              </div>
              {!session.current && (
                <button
                  type="button"
                  className="btn sm"
                  aria-label={`${words.landing.signOut}: ${name}`}
                  onClick={() => void end([session])}
                >
                  {words.landing.signOut}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {sessions && problem === undefined && others.length === 0 && <p className="muted sub-text">{t.onlyThis}</p>}
    </>
  );
}

function DeviceIcon({ userAgent }: { userAgent: string }) {
  if (/Android|iPhone|Mobile/.test(userAgent)) return <Smartphone className="i i-20" />;
  return /Windows/.test(userAgent) ? <Monitor className="i i-20" /> : <Laptop className="i i-20" />;
}
