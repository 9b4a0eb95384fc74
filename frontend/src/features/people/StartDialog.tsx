/** A new conversation, from anywhere. */
import { ChevronRight, Hash, Users } from 'lucide-react';
import { useWords } from '../../lib/i18n';
import { Dialog } from '../../ui/Dialog';
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
          <button type="button" className="fr" onClick={onGroup}>
            <Users className="i i-20" aria-hidden="true" />
            <span className="grow">
              <b>{words.start.group}</b>
              <span className="muted fr-text">{words.start.groupText}</span>
            </span>
            <ChevronRight className="i" aria-hidden="true" />
          </button>
          <button type="button" className="fr" onClick={onRoom}>
            <Hash className="i i-20" aria-hidden="true" />
            <span className="grow">
              <b>{words.list.newRoom}</b>
              <span className="muted fr-text">{words.group.everyoneText}</span>
            </span>
            <ChevronRight className="i" aria-hidden="true" />
          </button>
        </div>
      </div>
    </Dialog>
  );
}
