/** A menu of actions. Arrows move, Enter does it. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Popover } from './Popover';

export type MenuItem = {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly danger?: boolean;
  readonly checked?: boolean;
  readonly run: () => void;
};

export function Menu(props: { anchor: HTMLElement; label: string; items: readonly MenuItem[]; onClose: () => void }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector<HTMLElement>('button')?.focus();
  }, []);
  const items = () => [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])];
  const go = (to: number) => items().at(to)?.focus();
  const move = (by: number) => {
    const all = items();
    go((all.indexOf(document.activeElement as HTMLElement) + by + all.length) % all.length);
  };
  return (
    <Popover anchor={props.anchor} onClose={props.onClose} label={props.label} role="menu">
      <div
        ref={list}
        className="menu"
        role="none"
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(1);
          else if (event.key === 'ArrowUp') move(-1);
          else if (event.key === 'Home') go(0);
          else if (event.key === 'End') go(-1);
          else return;
          event.preventDefault();
        }}
      >
        {props.items.map((item) => (
          <button
            key={item.label}
            type="button"
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
            {...(item.checked === undefined ? {} : { 'aria-checked': item.checked })}
            className={`opt${item.danger ? ' bad' : ''}${item.checked ? ' chosen' : ''}`}
            onClick={() => {
              props.onClose();
              item.run();
            }}
          >
            {item.icon}
            <span>{item.label}</span>
          </button>
        ))}
      </div>
    </Popover>
  );
}
