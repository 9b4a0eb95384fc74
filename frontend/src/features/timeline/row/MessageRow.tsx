/** One message, stored or not. Its height is the same in every state of sending. */
import { memo } from 'react';
import type { RowProps } from './Frame';
import { PendingRow } from './PendingRow';
import { StoredRow } from './StoredRow';
import { SystemRow } from './SystemRow';

export const MessageRow = memo(function MessageRow(props: RowProps) {
  const { row } = props;
  if (row.message?.system) return <SystemRow {...props} message={row.message} />;
  return row.pending ? (
    <PendingRow {...props} pending={row.pending} />
  ) : (
    row.message && <StoredRow {...props} message={row.message} />
  );
});
