/** A picture that is kept on this device, by the client id of its message. */
import { useEffect, useState } from 'react';
import { pictureOf } from './pictures';
import { useChat } from './use-chat';

export function usePicture(clientId: string): string | undefined {
  const chat = useChat();
  const [url, setUrl] = useState(chat.pictures.get(clientId)?.url);
  useEffect(() => {
    let current = true;
    pictureOf(chat, clientId).then(
      (picture) => current && setUrl(picture?.url),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [chat, clientId]);
  return url;
}
