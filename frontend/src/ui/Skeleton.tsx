/** The shape of rows that are on their way; only after 300 ms, so that quick answers do not flicker. */

import { useDelayed } from '../lib/browser/media';
import { useWords } from '../lib/i18n';

const SHOW_AFTER_MS = 300;
const WIDTHS = [
  [96, 74],
  [120, 52],
  [84, 88],
  [104, 40],
  [92, 66],
] as const;

export function MessageSkeleton() {
  const shown = useDelayed(true, SHOW_AFTER_MS);
  const words = useWords();
  if (!shown) return <div className="skel-rows" aria-busy="true" />;
  return (
    <div className="skel-rows" role="status" aria-label={words.common.loading}>
      {WIDTHS.map(([name, text]) => (
        <div className="skel-row" key={name}>
          <span className="skel c" />
          <span className="grow">
            <span className="skel" style={{ width: name }} />
            <span className="skel" style={{ width: `${text}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}

export function ListSkeleton(props: { rows?: number }) {
  const shown = useDelayed(true, SHOW_AFTER_MS);
  if (!shown) return null;
  return (
    <div className="skel-list" aria-hidden="true">
      {Array.from({ length: props.rows ?? 5 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <span className="skel" key={i} style={{ width: `${40 + ((i * 23) % 45)}%` }} />
      ))}
    </div>
  );
}
