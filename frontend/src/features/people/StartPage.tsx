/** What to do first, where there is nothing to read yet. */
import { Camera, ChevronRight, Compass, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { useWords } from '../../lib/i18n';
import { paths } from '../../lib/paths';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Link } from '../../ui/Link';
import { StartForm } from './StartForm';

export function StartPage(props: { onGroup: () => void }) {
  const words = useWords();
  const t = words.start;
  const count = useChatState((state) => state.publicCount);
  const photo = useChatState((state) => state.me.photoUrl);
  return (
    <div className="start">
      <h1>{t.title}</h1>
      <p className="t2 start-lead">{t.lead}</p>
      <StartForm />
      <div className="start-more">
        <button type="button" className="fr" onClick={props.onGroup}>
          <Line icon={<Users className="i i-20" aria-hidden="true" />} title={t.group} text={t.groupText} />
        </button>
        <Link to={paths.browse} className="fr">
          <Line icon={<Compass className="i i-20" aria-hidden="true" />} title={t.browse(count)} text={t.browseText} />
        </Link>
        {!photo && (
          <Link to={paths.settings} className="fr">
            <Line icon={<Camera className="i i-20" aria-hidden="true" />} title={t.photo} text={t.photoText} />
          </Link>
        )}
      </div>
    </div>
  );
}

function Line(props: { icon: ReactNode; title: string; text: string }) {
  return (
    <>
      {props.icon}
      <span className="grow">
        <b>{props.title}</b>
        <span className="muted fr-text">{props.text}</span>
      </span>
      <ChevronRight className="i" aria-hidden="true" />
    </>
  );
}
