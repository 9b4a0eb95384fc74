/** One open room, or that there is none. */
import { paths } from '../../lib/browser/paths';
import { useWords } from '../../lib/i18n';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Link } from '../../ui/Link';
import { Conversation } from './Conversation';

type Props = { roomId: string; seq: number | undefined; known: boolean; phone: boolean; onAdd: () => void };

export function RoomPage({ roomId, seq, known, phone, onAdd }: Props) {
  const words = useWords();
  const room = useChatState((state) => state.rooms[roomId]);
  const failure = useChatState((state) => state.missing[roomId]);
  const refused =
    failure === 'notFound' || failure === 'notMember' || failure === 'forbidden' || failure === 'invalidRequest';
  if (!room && (refused || (!known && failure !== undefined))) {
    return (
      <main className="main center" data-region>
        <div className="empty">
          <h1>{words.room.gone}</h1>
          <p>{words.room.goneText}</p>
          <Link to={paths.home} className="btn">
            {words.room.toList}
          </Link>
        </div>
      </main>
    );
  }
  return <Conversation roomId={roomId} seq={seq} room={room} phone={phone} onAdd={onAdd} />;
}
