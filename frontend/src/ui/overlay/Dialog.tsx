/** A dialog: focus goes in and comes back; Esc and the scrim close it only where nothing is lost. */
import { X } from 'lucide-react';
import { type ReactNode, useId, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useWords } from '../../lib/i18n';
import { IconButton } from '../IconButton';
import { useFocusTrap } from './focus';

type Props = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  foot?: ReactNode;
  /** Something was entered that closing would lose. */
  dirty?: boolean;
  className?: string;
  headless?: boolean;
};

export function Dialog(props: Props) {
  const { title, onClose, children, foot, dirty = false, className = '', headless = false } = props;
  const box = useRef<HTMLElement>(null);
  const id = useId();
  const words = useWords();
  useFocusTrap(box);
  const leave = () => {
    if (!dirty) onClose();
  };
  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: the scrim is a convenience, Esc and the button do the same
    <div
      className={headless ? 'scrim' : 'scrim form'}
      onMouseDown={(event) => event.target === event.currentTarget && leave()}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.stopPropagation();
        leave();
      }}
    >
      <section
        ref={box}
        className={`dlg ${className}`}
        role="dialog"
        aria-modal="true"
        {...(headless ? { 'aria-label': title } : { 'aria-labelledby': id })}
      >
        {!headless && (
          <div className="dlg-head">
            <h2 id={id}>{title}</h2>
            <IconButton label={words.common.close} onClick={onClose}>
              <X className="i" />
            </IconButton>
          </div>
        )}
        {children}
        {foot && <div className="dlg-foot">{foot}</div>}
      </section>
    </div>,
    document.body,
  );
}

/** A question before something that cannot be undone. */
export function Confirm(props: {
  title: string;
  text: string;
  action: string;
  onYes: () => void;
  onClose: () => void;
}) {
  const words = useWords();
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      className="small"
      foot={
        <span className="end">
          <button type="button" className="btn" data-autofocus onClick={props.onClose}>
            {words.common.cancel}
          </button>
          <button
            type="button"
            className="btn danger"
            onClick={() => {
              props.onClose();
              props.onYes();
            }}
          >
            {props.action}
          </button>
        </span>
      }
    >
      <div className="dlg-body">
        <p className="t2 prose">{props.text}</p>
      </div>
    </Dialog>
  );
}
