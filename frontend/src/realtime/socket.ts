/** The socket with its events and commands typed. */
import { io, type Socket } from 'socket.io-client';
import type {
  ClosingEvent,
  CommandName,
  DeleteMessageCommand,
  DraftChangedEvent,
  DraftCommand,
  EditMessageCommand,
  HeadsEvent,
  Message,
  MessagesEvent,
  MovingEvent,
  Presence,
  PresenceCommand,
  Problem,
  ReactCommand,
  ReadCommand,
  ReadMarkerEvent,
  ResyncEvent,
  RoomChangedEvent,
  SendMessageCommand,
  SyncCommand,
  SyncedRooms,
  TypingCommand,
  TypingEvent,
  User,
} from '../api/contract';
import { NoAnswer, Rejected } from '../api/problem';

export type ServerEvents = {
  newMessage: (event: MessagesEvent) => void;
  messageChanged: (event: MessagesEvent) => void;
  roomChanged: (event: RoomChangedEvent) => void;
  typing: (event: TypingEvent) => void;
  presence: (event: Presence) => void;
  userChanged: (event: User) => void;
  readMarker: (event: ReadMarkerEvent) => void;
  draftChanged: (event: DraftChangedEvent) => void;
  heads: (event: HeadsEvent) => void;
  resync: (event: ResyncEvent) => void;
  moving: (event: MovingEvent) => void;
  closing: (event: ClosingEvent) => void;
};

type Ack<T> = ({ ok: true } & T) | { ok: false; error: Problem };
type Nothing = Record<never, never>;
type Command<Body, Answer> = (body: Body, answer: (ack: Ack<Answer>) => void) => void;

type Commands = {
  sendMessage: Command<SendMessageCommand, { message: Message }>;
  editMessage: Command<EditMessageCommand, { message: Message }>;
  deleteMessage: Command<DeleteMessageCommand, { message: Message }>;
  react: Command<ReactCommand, { message: Message }>;
  read: Command<ReadCommand, Nothing>;
  typing: Command<TypingCommand, Nothing>;
  draft: Command<DraftCommand, Nothing>;
  sync: Command<SyncCommand, SyncedRooms>;
  presence: Command<PresenceCommand, { users: Presence[] }>;
};

export type Body<N extends CommandName> = Parameters<Commands[N]>[0];
export type Answer<N extends CommandName> = Commands[N] extends Command<never, infer A> ? A : never;

export type ChatSocket = Socket<ServerEvents, Commands>;

/** Reconnecting is left to `connection.ts`, so that the page can say when it tries again. */
export function openSocket(): ChatSocket {
  return io({ transports: ['websocket'], reconnection: false, autoConnect: false, withCredentials: true });
}

/** Sends a command and waits for its answer; no answer is `NoAnswer`, an error is `Rejected`. */
export async function request<N extends CommandName>(
  socket: ChatSocket,
  name: N,
  body: Body<N>,
  timeoutMs = 10_000,
): Promise<Answer<N>> {
  if (!socket.connected) throw new NoAnswer();
  let ack: Ack<Answer<N>>;
  try {
    // The typed emitter cannot follow a generic name; the types above say the same.
    const emitter = socket.timeout(timeoutMs) as unknown as {
      emitWithAck: (name: N, body: Body<N>) => Promise<Ack<Answer<N>>>;
    };
    ack = await emitter.emitWithAck(name, body);
  } catch (error) {
    throw new NoAnswer(error);
  }
  if (!ack.ok) throw new Rejected(ack.error);
  return ack;
}
