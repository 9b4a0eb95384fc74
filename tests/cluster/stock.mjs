// Two people with the client that everybody has, with its default options: it begins with polling,
// and each request may come to another server.
// node stock.mjs FOLDER-WITH-node_modules URL ROOM TOKEN-OF-THE-SENDER TOKEN-OF-THE-READER
import { createRequire } from "node:module";

const [folder, url, roomId, sender, reader] = process.argv.slice(2);
const { io } = createRequire(`${folder}/`)("socket.io-client");

const connect = (token) =>
  new Promise((resolve, reject) => {
    const socket = io(url, { auth: { token } });
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });

const [writes, reads] = await Promise.all([sender, reader].map(connect));
const content = `hello ${crypto.randomUUID()}`;
const seen = new Promise((resolve) => {
  reads.on("newMessage", ({ messages }) => {
    const found = messages.find((message) => message.content === content);
    if (found) resolve(found);
  });
});
const answer = await writes
  .timeout(10_000)
  .emitWithAck("sendMessage", { roomId, clientId: crypto.randomUUID(), content });
if (!answer.ok) throw new Error(JSON.stringify(answer));
const { seq } = await seen;
if (seq !== answer.message.seq) throw new Error(`${seq} is not ${answer.message.seq}`);
const transports = [writes, reads].map((socket) => socket.io.engine.transport.name);
console.log(JSON.stringify({ content, seq, transports }));
writes.disconnect();
reads.disconnect();
