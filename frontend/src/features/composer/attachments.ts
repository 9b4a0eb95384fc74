/** Pictures in the composer: kept with the draft, and uploading before the message is sent. */
import { useCallback } from 'react';
import type { ImageSize } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { uuidV7 } from '../../lib/uuid';
import { notify } from '../../realtime/chat';
import { changeDraft, draftOf } from '../../realtime/drafts';
import { dropPicture, keepPicture, upload } from '../../realtime/pictures';
import { useChat } from '../../realtime/use-chat';

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

/** Takes pictures into the room's draft, and out of it. */
export function useAttachments(roomId: string) {
  const chat = useChat();
  const words = useWords();

  const add = useCallback(
    async (files: readonly File[]) => {
      for (const file of files) {
        const size = TYPES.has(file.type) ? await measure(file) : undefined;
        if (!size) {
          notify(chat, words.problem.image, { bad: true });
          continue;
        }
        if (file.size > BYTES_MAX) {
          notify(chat, words.room.tooBig, { bad: true });
          continue;
        }
        const clientId = uuidV7();
        keepPicture(chat, clientId, file);
        const name = file.name || words.room.picture;
        upload(chat, clientId, name).catch(() => undefined);
        const { images = [] } = draftOf(chat, roomId);
        const image = { clientId, name, type: file.type, bytes: file.size, size };
        changeDraft(chat, roomId, { images: [...images, image] });
      }
    },
    [chat, words, roomId],
  );

  const drop = useCallback(
    (clientId: string) => {
      dropPicture(chat, clientId);
      const { images } = draftOf(chat, roomId);
      changeDraft(chat, roomId, { images: images?.filter((image) => image.clientId !== clientId) });
    },
    [chat, roomId],
  );

  return { add, drop };
}

export function imagesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith('image/'));
}
