/** One row with what stands above it: a day, the line of what is new, a gap, the waterline. */
import type { ReactNode } from 'react';
import { useLanguage } from '../../lib/i18n';
import { clock, dayLabel } from '../../lib/text/time';
import type { Row } from '../../model/timeline/row';
import { useChatState } from '../../realtime/hooks/use-chat-state';

export function Item({ row, children }: { row: Row; children: ReactNode }) {
  const { words, locale } = useLanguage();
  const keeps = useChatState((state) => state.keeps);
  return (
    <div className="item">
      {row.day !== undefined && (
        <div className="day" role="separator">
          {dayLabel(row.createdAt, locale)}
        </div>
      )}
      {row.newSince !== undefined && (
        <div className="newline" role="separator">
          {words.room.newSince(clock(row.newSince))}
        </div>
      )}
      {row.gap && (
        <div className="gap" role="separator">
          {words.room.gap}
        </div>
      )}
      {row.waterline && (
        <div className="waterline">
          <span>
            <b>{words.waterline.title}</b> {keeps ? words.waterline.text : words.waterline.notKept}
          </span>
        </div>
      )}
      {children}
    </div>
  );
}
