/** A picture in a message: its place is reserved before it arrives; a click shows it large. */
import { X } from 'lucide-react';
import { useRef } from 'react';
import { createPortal } from 'react-dom';
import type { ImageSize } from '../../../api/contract';
import { useStep } from '../../../lib/browser/route';
import { useWords } from '../../../lib/i18n';
import { IconButton } from '../../../ui/IconButton';
import { useFocusTrap } from '../../../ui/overlay/focus';

const MAX = { width: 440, height: 320 };
const UNKNOWN = { width: 320, height: 240 };

function fitted(size: ImageSize | undefined): ImageSize {
  if (!size || size.width === 0 || size.height === 0) return UNKNOWN;
  const scale = Math.min(1, MAX.width / size.width, MAX.height / size.height);
  return { width: Math.max(48, Math.round(size.width * scale)), height: Math.max(32, Math.round(size.height * scale)) };
}

type Props = {
  url: string | undefined;
  size?: ImageSize | undefined;
  label: string;
  /** The key of its row, the same before and after it is stored: whoever looks at it goes on. */
  id: string;
  progress?: number;
  tabIndex?: number;
};

export function Picture({ url, size, label, id, progress, tabIndex }: Props) {
  // A page upon the page: back closes it, too.
  const [large, setLarge] = useStep(`picture ${id}`);
  const box = fitted(size);
  return (
    <figure className="att" style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}>
      {url && (
        <button type="button" onClick={() => setLarge(true)} aria-label={label} tabIndex={tabIndex}>
          <img src={url} alt={label} width={box.width} height={box.height} decoding="async" draggable={false} />
        </button>
      )}
      {progress !== undefined && progress < 1 && (
        <span className="prog" style={{ '--p': `${Math.round(progress * 100)}%` }} />
      )}
      {large && url && <LargeView url={url} label={label} onClose={() => setLarge(false)} />}
    </figure>
  );
}

function LargeView(props: { url: string; label: string; onClose: () => void }) {
  const { url, label, onClose } = props;
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  useFocusTrap(box);
  return createPortal(
    <div
      ref={box}
      className="large"
      role="dialog"
      aria-modal="true"
      aria-label={label}
      onKeyDown={(event) => {
        // What lies below has its own Escape.
        event.stopPropagation();
        if (event.key === 'Escape') onClose();
      }}
    >
      <button type="button" className="large-back" aria-label={words.common.close} onClick={onClose} tabIndex={-1} />
      <img src={url} alt={label} />
      <IconButton label={words.common.close} onClick={onClose}>
        <X className="i i-18" />
      </IconButton>
    </div>,
    document.body,
  );
}
