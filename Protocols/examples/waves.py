#!/usr/bin/python3
"""Prints waveforms, one JSON object a message: whose, which leads, where on the grid, the samples in microvolts.
Research software, not a medical device.

    waves.py --band d --patient p0001 --count 10

It asks the daemon's control endpoint where waveforms are to be had. Needs python3-zmq. Exit 1: fewer messages than
--count within --timeout seconds of silence.
"""
import argparse, json, struct, sys
import keys, zmq

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("--control", default="tcp://127.0.0.1:7203")
options.add_argument("--band", default="m", choices=["m", "d"])
options.add_argument("--patient", help="default: every patient")
options.add_argument("--ward", default="_", help="the patient's ward; default _, which is none")
options.add_argument("--count", type=int, default=0, help="stop after so many messages; 0: never")
options.add_argument("--timeout", type=float, default=30, help="seconds of silence after which to stop")
keys.add_options(options)
arguments = options.parse_args()

LEADS = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split()
context = zmq.Context()
control = context.socket(zmq.REQ)
keys.secure(control, arguments)
control.connect(arguments.control)
control.send_string(json.dumps({"op": "HELLO", "request": "1"}))
if not control.poll(arguments.timeout * 1000):
    sys.exit("waves: no daemon answers at " + arguments.control)
endpoint = json.loads(control.recv())["endpoints"]["waves"]
if endpoint.startswith(("tcp://0.0.0.0:", "tcp://[::]:")):  # every address of the daemon's machine: take the one we know
    endpoint = arguments.control.rsplit(":", 1)[0] + ":" + endpoint.rsplit(":", 1)[1]

socket = context.socket(zmq.SUB)
prefix = "wv1.%s.%s." % (arguments.ward, arguments.band)
socket.setsockopt_string(zmq.SUBSCRIBE, prefix + (arguments.patient + "." if arguments.patient else ""))
keys.secure(socket, arguments)
socket.connect(endpoint)

printed = 0
while not arguments.count or printed < arguments.count:
    if not socket.poll(arguments.timeout * 1000):
        break
    topic, body = socket.recv_multipart()
    form, band, step, flags, count, leads, derived = struct.unpack_from("<BBBBHHH", body)
    start, epoch, number = struct.unpack_from("<QQI", body, 16)
    names = [name for bit, name in enumerate(LEADS) if leads >> bit & 1]
    if form != 1 or len(body) != 36 + 2 * count * len(names):
        sys.exit("waves: a message of another form")
    values = struct.unpack_from("<%dh" % (count * len(names)), body, 36)
    print(json.dumps({
        "patient": topic.decode().split(".")[3], "band": band, "step": step, "patch": bool(flags & 1), "number": number,
        "start": start, "utc_ms": int.from_bytes(body[10:16], "little"), "epoch": "%016x" % epoch,
        "derived": [name for bit, name in enumerate(LEADS) if derived >> bit & 1],
        "microvolts": {name: [None if value == -32768 else 2.5 * value for value in values[count * n:count * (n + 1)]]
                       for n, name in enumerate(names)}}), flush=True)
    printed += 1
sys.exit(1 if printed < arguments.count else 0)
