#!/usr/bin/python3
"""Prints the daemon's events, one JSON object a line, and says on stderr what was missed.
Research software, not a medical device.

    reader.py --count 10 --timeout 30 --topic ev1._.diagnosis.

Needs python3-zmq. Exit 1: fewer events than --count within --timeout seconds of silence.
"""
import argparse, json, sys
import keys, zmq

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--events", default="tcp://127.0.0.1:7202")
options.add_argument("--topic", action="append", help="prefix, ending in a dot; default ev1.")
options.add_argument("--count", type=int, default=0, help="stop after so many events; 0: never")
options.add_argument("--timeout", type=float, default=0, help="seconds of silence after which to stop; 0: never")
keys.add_options(options)
arguments = options.parse_args()

socket = zmq.Context().socket(zmq.SUB)
for topic in arguments.topic or ["ev1."]:
    socket.setsockopt_string(zmq.SUBSCRIBE, topic)
keys.secure(socket, arguments)
socket.connect(arguments.events)

newest, printed, missed = {}, 0, 0  # (run, topic) -> newest topicsequence


def note(run, topic, number, expected):
    """`number` is now the newest of the topic; from the newest before to `expected` none should be missing."""
    global missed
    before = newest.get((run, topic), number)
    if expected > before:
        missed += expected - before
        print(f"reader: missed {expected - before} on {topic}", file=sys.stderr)
    newest[run, topic] = max(number, before)


while not arguments.count or printed < arguments.count:
    if arguments.timeout and not socket.poll(arguments.timeout * 1000):
        break
    topic, body = socket.recv_multipart()
    event = json.loads(body)
    number = int(event["topicsequence"])
    note(event["run"], topic.decode(), number, number - 1)
    for head, number in event["data"].get("heads", {}).items():
        note(event["run"], head, number, number)  # shows a lost last event too
    print(body.decode(), flush=True)
    printed += 1
print(f"reader: {printed} events, {missed} missed", file=sys.stderr)
sys.exit(1 if printed < arguments.count else 0)
