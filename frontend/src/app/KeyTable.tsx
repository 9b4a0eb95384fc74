/** All keys, on `?`. */

import { isMac } from '../lib/browser/media';
import { useWords } from '../lib/i18n';
import { Dialog } from '../ui/overlay/Dialog';

export function KeyTable({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const t = words.keys;
  const mod = isMac() ? '⌘' : 'Ctrl';
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[mod, 'K'], t.switcher],
    [['Alt', '↑ ↓'], t.roomUpDown],
    [['Alt', 'Shift', '↑ ↓'], t.unreadUpDown],
    [['Enter'], t.send],
    [['Shift', 'Enter'], t.newLine],
    [['↑'], t.editLast],
    [['R', 'E', '+', 'Delete'], t.onMessage],
    [['Home', 'End'], t.ends],
    [[mod, 'U'], t.attach],
    [[mod, 'Shift', 'Enter'], t.retryAll],
    [[mod, 'Shift', 'L'], t.theme],
    [['F6'], t.region],
    [['Esc'], t.esc],
    [['?'], t.all],
  ];
  return (
    <Dialog title={t.title} onClose={onClose}>
      <dl className="key-table">
        {rows.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
