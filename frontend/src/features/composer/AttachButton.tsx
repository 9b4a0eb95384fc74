/** Opens the browser's choice of files. */
import { Paperclip, Plus } from 'lucide-react';
import type { RefObject } from 'react';
import { PHONE, useMedia } from '../../lib/browser/media';
import { useWords } from '../../lib/i18n';
import { IconButton } from '../../ui/IconButton';

type Props = {
  picker: RefObject<HTMLInputElement | null>;
  disabled: boolean;
  onFiles: (files: readonly File[]) => Promise<void>;
};

export function AttachButton({ picker, disabled, onFiles }: Props) {
  const words = useWords();
  const phone = useMedia(PHONE);
  return (
    <>
      <input
        ref={picker}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        multiple
        hidden
        data-testid="attach"
        onChange={(event) => {
          void onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <IconButton label={words.room.attach} disabled={disabled} onClick={() => picker.current?.click()}>
        {phone ? <Plus className="i i-20" /> : <Paperclip className="i i-18" />}
      </IconButton>
    </>
  );
}
