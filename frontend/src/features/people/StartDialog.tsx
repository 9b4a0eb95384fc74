/** A new conversation, from anywhere. */
import { Hash, Users } from 'lucide-react';
import { useWords } from '../../lib/i18n';
import { Dialog } from '../../ui/overlay/Dialog';
import { ChoiceRow } from './ChoiceRow';
import { StartForm } from './StartForm';

type Props = { onClose: () => void; onGroup: () => void; onRoom: () => void };

export function StartDialog({ onClose, onGroup, onRoom }: Props) {
  const words = useWords();
  return (
    <Dialog title={words.start.title} onClose={onClose}>
      <div className="dlg-body">
        <p className="t2 prose">{words.start.lead}</p>
        <StartForm onStarted={onClose} />
        <div className="start-more tight">
          <ChoiceRow icon={Users} title={words.start.group} text={words.start.groupText} onClick={onGroup} />
          <ChoiceRow icon={Hash} title={words.list.newRoom} text={words.group.everyoneText} onClick={onRoom} />
        </div>
      </div>
    </Dialog>
  );
}
