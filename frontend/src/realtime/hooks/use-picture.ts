/** A picture that is kept on this device, by the client id of its message. */
import { useEffect, useState } from 'react';
import { useClient } from '../client-context';

/** An address to show it by; it may be read from the disk first. */
export function usePicture(clientId: string): string | undefined {
  const { pictures } = useClient();
  const [url, setUrl] = useState(pictures.urlOf(clientId));
  useEffect(() => {
    let current = true;
    pictures.load(clientId).then(
      (loaded) => current && setUrl(loaded),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [pictures, clientId]);
  return url;
}

/** The same for a message that is stored: only where it is in memory, as the server has it too. */
export function useHeldPicture(clientId: string | undefined): string | undefined {
  const { pictures } = useClient();
  return clientId === undefined ? undefined : pictures.urlOf(clientId);
}
