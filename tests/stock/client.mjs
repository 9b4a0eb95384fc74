// Two people with the client that everybody has, with its default options: it begins with polling
// and upgrades, and each request may come to another server. They talk in turns.
// node client.mjs FOLDER-WITH-node_modules URL ROOM ROUNDS TOKEN-OF-ONE TOKEN-OF-THE-OTHER
import { deepStrictEqual } from "node:assert";
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
  // In every window of both: also in the one that it was sent from.
  const heard = [...from, ...to].map(({ waiting }) => new Promise((resolve) => waiting.set(content, resolve)));
  const picture = { imageUrl: "https://img.example/a.png", publicId: "a" };
  const answer = await from[0].socket
    .timeout(20_000)
    .emitWithAck("sendMessage", { roomId, clientId: crypto.randomUUID(), content, ...picture });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  for (const message of await Promise.all(heard)) deepStrictEqual(message, answer.message);
  said.push(answer.message);
};

// Each has two windows.
const people = await Promise.all(tokens.map((token) => Promise.all([connect(token), connect(token)])));
for (let round = 0; round < Number(rounds); round++) {
  await tell(people[0], people[1]);
  await tell(people[1], people[0]);
}
for (const { socket } of people.flat()) {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket") {
    await new Promise((resolve) => engine.once("upgrade", resolve));
  }
}
// Once more, now that both have upgraded.
await tell(people[0], people[1]);
await tell(people[1], people[0]);
console.log(JSON.stringify(said));
for (const { socket } of people.flat()) socket.disconnect();
