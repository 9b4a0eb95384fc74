/** Pictures in the composer: kept with the draft, and uploading before the message is sent. */
import { useCallback } from 'react';
import type { ImageSize } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { useCompose, useNotify } from '../../realtime/hooks/use-actions';

const BYTES_MAX = 10_000_000;
const TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Undefined where it only says that it is a picture. */
async function measure(file: Blob): Promise<ImageSize | undefined> {
  try {
    const bitmap = await createImageBitmap(file);
    const size = { width: bitmap.width, height: bitmap.height };
    bitmap.close();
    return size;
  } catch {
    return undefined;
  }
}

/** Takes pictures into the room's draft. */
export function useAttach(roomId: string): (files: readonly File[]) => Promise<void> {
  const { attach } = useCompose();
  const notify = useNotify();
  const words = useWords();
  return useCallback(
    async (files) => {
      for (const file of files) {
        const size = TYPES.has(file.type) ? await measure(file) : undefined;
        if (!size) notify(words.problem.image, { bad: true });
        else if (file.size > BYTES_MAX) notify(words.room.tooBig, { bad: true });
        else attach(roomId, file, { name: file.name || words.room.picture, type: file.type, bytes: file.size, size });
      }
    },
    [attach, notify, words, roomId],
  );
}

export function imagesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith('image/'));
}
