/** People to choose from, with their presence. */
import type { User } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { useChatState, useConnected } from '../../realtime/hooks/use-chat-state';
import { PersonOptions } from '../../ui/PersonOptions';

type Props = {
  id: string;
  users: readonly User[];
  query: string;
  at: number;
  hint: string;
  onHover: (index: number) => void;
  onChoose: (user: User) => void;
};

export function Options(props: Props) {
  const words = useWords();
  const presence = useChatState((state) => state.presence);
  const connected = useConnected();
  const dotOf = (id: string) => (connected ? presence[id]?.status : undefined);
  return <PersonOptions {...props} label={words.group.people} dotOf={dotOf} />;
}
