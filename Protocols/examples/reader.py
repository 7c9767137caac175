#!/usr/bin/python3
"""Prints the daemon's events, one JSON object a line, and says on stderr what was missed.
Research software, not a medical device.

    reader.py --count 10 --timeout 30 --topic ev1._.diagnosis.
    reader.py --from 1          what the daemon's journal keeps, then what comes; after a hole what it keeps of that

Needs python3-zmq. Exit 1: fewer events than --count within --timeout seconds of silence.
"""
import argparse, json, sys
import keys, zmq

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--events", default="tcp://127.0.0.1:7202")
options.add_argument("--control", default="tcp://127.0.0.1:7203", help="asked for what was, with --from")
options.add_argument("--from", dest="start", type=int, help="begin with this number of the journal, 1 for all")
options.add_argument("--topic", action="append", help="prefix, ending in a dot; default ev1.")
options.add_argument("--count", type=int, default=0, help="stop after so many events; 0: never")
options.add_argument("--timeout", type=float, default=0, help="seconds of silence after which to stop; 0: never")
keys.add_options(options)
arguments = options.parse_args()

topics = arguments.topic or ["ev1."]
socket = zmq.Context().socket(zmq.SUB)
for topic in topics:
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


def journal(start):
    """All events of the journal from that number on that were subscribed to, and the newest number."""
    asker = zmq.Context.instance().socket(zmq.DEALER)
    asker.linger = 0
    keys.secure(asker, arguments)
    asker.connect(arguments.control)
    events, page = [], {"more": True, "next": start}
    while page["more"]:
        asker.send_json({"op": "REPLAY", "request": "history", "from": page["next"]})
        page = asker.recv_json() if asker.poll(10_000) else {"ok": False, "detail": "no answer"}
        if not page["ok"]:
            sys.exit(f"reader: {page['detail']}")
        for hole in [page["truncated"]] * bool(page["truncated"]) + page["unreadable"]:
            print(f"reader: {hole['from']} to {hole['to']} are not in the journal any more", file=sys.stderr)
        events += page["events"]
    return [event for event in events if any(topic_of(event).startswith(each) for each in topics)], int(page["sequence"])


def topic_of(event):
    return f"ev1.{event['ward']}.{event['type'].split('.')[1]}.{event['subject']}."


def show(event, text=None):
    global printed
    if arguments.start is not None:
        if (event["run"], event["id"]) in shown:
            return
        shown[event["run"], event["id"]] = True  # in the order of showing; the oldest go
        if len(shown) > 10_000:
            del shown[next(iter(shown))]
    if not arguments.count or printed < arguments.count:
        print(text or json.dumps(event, ensure_ascii=False, separators=(",", ":")), flush=True)
        printed += 1


shown, newest_number, run = {}, None if arguments.start is None else arguments.start - 1, None
while not arguments.count or printed < arguments.count:
    if arguments.timeout and not socket.poll(arguments.timeout * 1000):
        break
    topic, body = socket.recv_multipart()
    event = json.loads(body)
    number, before = int(event["topicsequence"]), missed
    note(event["run"], topic.decode(), number, number - 1)
    for head, number in event["data"].get("heads", {}).items():
        note(event["run"], head, number, number)  # shows a lost last event too
    if newest_number is not None and (event["run"] != run or missed > before):
        kept, newest_number = journal(newest_number + 1)
        for each in kept:
            show(each)
    run = event["run"]
    if newest_number is not None and "sequence" in event:
        newest_number = max(newest_number, int(event["sequence"]))
    show(event, body.decode())
print(f"reader: {printed} events, {missed} missed", file=sys.stderr)
sys.exit(1 if printed < arguments.count else 0)
