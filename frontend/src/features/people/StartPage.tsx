/** What to do first, where there is nothing to read yet. */
import { Camera, Compass, Users } from 'lucide-react';
import { paths } from '../../lib/browser/paths';
import { useWords } from '../../lib/i18n';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { ChoiceRow } from './ChoiceRow';
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
        <ChoiceRow icon={Users} title={t.group} text={t.groupText} onClick={props.onGroup} />
        <ChoiceRow icon={Compass} title={t.browse(count)} text={t.browseText} to={paths.browse} />
        {!photo && <ChoiceRow icon={Camera} title={t.photo} text={t.photoText} to={paths.settings} />}
      </div>
    </div>
  );
}
