# Two people with the client that everybody has, with its default options: it begins with polling
# and upgrades, and each request may come to another server. They talk in turns.
# python3 client.py URL ROOM ROUNDS TOKEN-OF-ONE TOKEN-OF-THE-OTHER
import json
import os
import queue
import sys
import traceback
import uuid

import socketio

url, room, rounds, *tokens = sys.argv[1:]


class Person:
    def __init__(self, token):
        self.heard = queue.Queue()
        self.client = socketio.Client()
        self.client.on("newMessage", self.hear)
        # The one thing that is set is patience: a second is little on a machine with much to do.
        self.client.connect(url, auth={"token": token}, wait_timeout=20)

    def hear(self, event):
        for message in event["messages"]:
            self.heard.put(message)

    def until(self, content):
        while True:
            message = self.heard.get(timeout=20)
            if message["content"] == content:
                return message


said = []


def tell(sender, reader):
    content = f"hello {uuid.uuid4()}"
    picture = {"imageUrl": "https://img.example/a.png", "publicId": "a"}
    body = {"roomId": room, "clientId": str(uuid.uuid4()), "content": content, **picture}
    answer = sender.client.call("sendMessage", body, timeout=20)
    assert answer["ok"], answer
    message = reader.until(content)
    assert message == answer["message"], (message, answer)
    said.append(message)


def talk():
    people = [Person(token) for token in tokens]
    for _ in range(int(rounds) + 1):
        tell(people[0], people[1])
        tell(people[1], people[0])
    for person in people:
        assert person.client.transport() == "websocket", person.client.transport()
    print(json.dumps(said))
    for person in people:
        person.client.disconnect()


try:
    talk()
except Exception:
    traceback.print_exc()
    print("said so far:", said, file=sys.stderr, flush=True)
    # The client's threads would go on for ever.
    os._exit(1)
