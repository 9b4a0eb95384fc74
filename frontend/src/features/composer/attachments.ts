/** Pictures in the composer: kept and uploading before the message is sent. */
import { useCallback, useState } from 'react';
import type { ImageSize } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { uuidV7 } from '../../lib/uuid';
import { notify } from '../../realtime/chat';
import { keepPicture, upload } from '../../realtime/sender';
import { useChat } from '../../realtime/use-chat';

const BYTES_MAX = 10_000_000;
const TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

export type Attachment = {
  readonly clientId: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly url: string;
  readonly size: ImageSize;
};

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

export function useAttachments() {
  const chat = useChat();
  const words = useWords();
  const [items, setItems] = useState<readonly Attachment[]>([]);

  const add = useCallback(
    async (files: readonly File[]) => {
      for (const file of files) {
        if (!TYPES.has(file.type)) {
          notify(chat, words.problem.image, { bad: true });
          continue;
        }
        if (file.size > BYTES_MAX) {
          notify(chat, words.room.tooBig, { bad: true });
          continue;
        }
        const size = await measure(file);
        if (!size) {
          notify(chat, words.problem.image, { bad: true });
          continue;
        }
        const clientId = uuidV7();
        const url = keepPicture(chat, clientId, file);
        const name = file.name || words.room.picture;
        upload(chat, clientId, name).catch(() => undefined);
        const item = { clientId, name, type: file.type, bytes: file.size, url, size };
        setItems((now) => [...now, item]);
      }
    },
    [chat, words],
  );

  const drop = useCallback(
    (clientId: string) => {
      chat.storage.dropPicture(clientId);
      setItems((now) => now.filter((item) => item.clientId !== clientId));
    },
    [chat],
  );

  const clear = useCallback(() => setItems([]), []);
  return { items, add, drop, clear };
}

export function imagesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith('image/'));
}
