/** Files that are dragged over a conversation and dropped there. */
import { type DragEvent, useState } from 'react';

type DropTarget = {
  readonly dragging: boolean;
  readonly handlers: Readonly<Record<'onDragOver' | 'onDragLeave' | 'onDrop', (event: DragEvent) => void>>;
};

export function useDropFiles(enabled: boolean, onFiles: (files: readonly File[]) => Promise<void>): DropTarget {
  const [dragging, setDragging] = useState(false);
  return {
    dragging,
    handlers: {
      onDragOver: (event) => {
        if (!enabled || !event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setDragging(true);
      },
      onDragLeave: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDragging(false);
      },
      onDrop: (event) => {
        event.preventDefault();
        setDragging(false);
        if (enabled) void onFiles([...event.dataTransfer.files]);
      },
    },
  };
}
