// Two people with the client that everybody has, with its default options: it begins with polling
// and upgrades, and each request may come to another server. They talk in turns.
// node client.mjs FOLDER-WITH-node_modules URL ROOM ROUNDS TOKEN-OF-ONE TOKEN-OF-THE-OTHER
import { createRequire } from "node:module";

const [folder, url, roomId, rounds, ...tokens] = process.argv.slice(2);
const { io } = createRequire(`${folder}/`)("socket.io-client");

const connect = (token) =>
  new Promise((resolve, reject) => {
    const socket = io(url, { auth: { token } });
    const waiting = new Map();
    socket.on("newMessage", ({ messages }) => {
      for (const message of messages) waiting.get(message.content)?.(message);
    });
    socket.once("connect", () => resolve({ socket, waiting }));
    socket.once("connect_error", reject);
  });

const said = [];
// What was not heard would be waited for for ever.
setTimeout(() => {
  console.error("not heard; said so far:", said);
  process.exit(1);
}, 120_000).unref();
const tell = async (from, to) => {
  const content = `hello ${crypto.randomUUID()}`;
  const heard = new Promise((resolve) => to.waiting.set(content, resolve));
  const answer = await from.socket
    .timeout(20_000)
    .emitWithAck("sendMessage", { roomId, clientId: crypto.randomUUID(), content });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  const { seq } = await heard;
  if (seq !== answer.message.seq) throw new Error(`${seq} is not ${answer.message.seq}`);
  said.push({ seq, content });
};

const people = await Promise.all(tokens.map(connect));
for (let round = 0; round < Number(rounds); round++) {
  await tell(people[0], people[1]);
  await tell(people[1], people[0]);
}
for (const { socket } of people) {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket") {
    await new Promise((resolve) => engine.once("upgrade", resolve));
  }
}
// Once more, now that both have upgraded.
await tell(people[0], people[1]);
await tell(people[1], people[0]);
console.log(JSON.stringify(said));
for (const { socket } of people) socket.disconnect();
