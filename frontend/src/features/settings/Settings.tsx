/** Settings: one page that scrolls; the navigation follows it. Each section saves by itself. */
import { ArrowLeft, KeyRound, Languages, LogOut, Monitor, Palette, UserRound } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { paths } from '../../lib/browser/paths';
import { goBack } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { useSignOut } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { IconButton } from '../../ui/IconButton';
import { Confirm } from '../../ui/overlay/Dialog';
import { Appearance, LanguageChoice } from './Appearance';
import { Password } from './Password';
import { Profile } from './Profile';
import { Sessions } from './Sessions';

type Name = 'profile' | 'password' | 'sessions' | 'appearance' | 'language';

export function Settings() {
  const { words } = useLanguage();
  const t = words.settings;
  const signOut = useSignOut();
  const unsent = useChatState((state) => state.outbox.length);
  const scroller = useRef<HTMLElement>(null);
  const [here, setHere] = useState<Name>('profile');
  const [asking, setAsking] = useState(0);
  const sections: readonly { name: Name; title: string; icon: ReactNode }[] = [
    { name: 'profile', title: t.profile, icon: <UserRound className="i" /> },
    { name: 'password', title: t.passwordTitle, icon: <KeyRound className="i" /> },
    { name: 'sessions', title: t.sessions, icon: <Monitor className="i" /> },
    { name: 'appearance', title: t.appearance, icon: <Palette className="i" /> },
    { name: 'language', title: t.language, icon: <Languages className="i" /> },
  ];
  useFollow(scroller, setHere);
  const ask = () => {
    if (unsent > 0) setAsking(unsent);
    else signOut();
  };
  return (
    <div className="page">
      <nav className="pnav" aria-label={t.title} data-region>
        <div className="top">
          <IconButton small label={words.common.back} onClick={() => goBack(paths.home)}>
            <ArrowLeft className="i" />
          </IconButton>
          {t.title}
        </div>
        <div className="pnav-items">
          {sections.map(({ name, title, icon }) => (
            <a
              key={name}
              href={`#${name}`}
              className={`ri${name === here ? ' on' : ''}`}
              aria-current={name === here ? 'true' : undefined}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(name)?.scrollIntoView();
                setHere(name);
              }}
            >
              <span className="glyph" aria-hidden="true">
                {icon}
              </span>
              <span className="grow">{title}</span>
            </a>
          ))}
        </div>
        <button type="button" className="ri sign-out" onClick={ask}>
          <span className="glyph" aria-hidden="true">
            <LogOut className="i" />
          </span>
          {words.landing.signOut}
        </button>
      </nav>
      <main className="pc" ref={scroller} data-region>
        <div className="pc-in">
          <section id="profile" data-section="profile">
            <div className="ph1">
              <h1>{t.profile}</h1>
            </div>
            <Profile />
          </section>
          <section id="password" data-section="password">
            <h2 className="h2">{t.passwordTitle}</h2>
            <Password />
          </section>
          <section id="sessions" data-section="sessions">
            <Sessions />
          </section>
          <section id="appearance" data-section="appearance">
            <h2 className="h2">{t.appearance}</h2>
            <Appearance />
          </section>
          <section id="language" data-section="language">
            <h2 className="h2">{t.language}</h2>
            <LanguageChoice />
          </section>
        </div>
      </main>
      {asking > 0 && (
        <Confirm
          title={t.unsent(asking)}
          text={t.unsentText}
          action={words.landing.signOut}
          onClose={() => setAsking(0)}
          onYes={signOut}
        />
      )}
    </div>
  );
}

function useFollow(scroller: React.RefObject<HTMLElement | null>, onSeen: (name: Name) => void): void {
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const follow = () => {
      const top = box.getBoundingClientRect().top + 120;
      const end = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
      const all = [...box.querySelectorAll<HTMLElement>('[data-section]')];
      const seen = end ? all.at(-1) : all.findLast((section) => section.getBoundingClientRect().top <= top);
      const name = seen?.dataset['section'];
      if (name !== undefined) onSeen(name as Name);
    };
    box.addEventListener('scroll', follow, { passive: true });
    return () => box.removeEventListener('scroll', follow);
  }, [scroller, onSeen]);
}
