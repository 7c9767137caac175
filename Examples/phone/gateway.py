#!/usr/bin/python3
"""A gateway as small as a phone's: one lead of a wearable device, live, with its battery. Research software, not a medical device.

    gateway.py RECORD --patient phone-1

It needs Python 3 and pyzmq, nothing else: a message is written by hand, forty lines below. Here a WFDB record stands for the
sensor; where yours is another, replace `sensor`. The lead is II, or the record's first. It runs at real speed until the record ends or Ctrl-C.
"""
import argparse, os, random, struct, sys, time, zlib

import zmq

LEADS = {"I": 1, "II": 2, "MLII": 2, "V1": 3, "V2": 4, "V5": 7}
PATCH = 1002


def sensor(path):
    """Yields the sampling rate in Hz, the lead, nanovolts a unit, and a list of whole samples."""
    with open(path + ".hea") as header:
        lines = [line.split() for line in header if line.strip() and line[0] != "#"]
    count, rate = int(lines[0][1]), round(float(lines[0][2].split("/")[0]))
    signals = lines[1:count + 1]
    which = next((n for n, line in enumerate(signals) if line[-1].upper() in ("II", "MLII")), 0)
    line = signals[which]
    gain, _, zero = line[2].split("/")[0].partition("(")
    zero = int(zero.rstrip(")") or (line[4] if len(line) > 4 else 0))
    with open(os.path.join(os.path.dirname(path), line[0]), "rb") as file:
        values = UNPACK[line[1]](file.read())[which::count] if line[1] in UNPACK else sys.exit(
            "gateway: %s has the format %s; 16 and 212 are read here, shinden replay reads more" % (path, line[1]))
    return rate, LEADS.get(line[-1].upper(), PATCH), 1e6 / (float(gain) or 200.0), [value - zero for value in values]


def pairs(data):
    """Format 212: two samples of 12 bits in three bytes."""
    values = []
    for low, middle, high in zip(data[0::3], data[1::3], data[2::3]):
        values += [low | (middle & 15) << 8, high | (middle >> 4) << 8]
    return [value - 4096 if value > 2047 else value for value in values]


UNPACK = {"16": lambda data: [value for (value,) in struct.iter_unpack("<h", data)], "212": pairs}


def varint(value):
    """A whole number as protobuf writes it: seven bits a byte, the least significant first."""
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    data.append(value)
    return bytes(data)


def number(field, value):
    return varint(field << 3) + varint(value)


def eight_bytes(field, value):
    return varint(field << 3 | 1) + value


def block(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def chunk(patient, device, epoch, sequence, first, samples, rate, lead, nanovolts, battery, last):
    """One LeadChunk of Protocols/gateway.proto; the numbers are those of its fields."""
    of_lead = number(1, lead) + block(2, struct.pack("<%dh" % len(samples), *samples)) + number(3, 1)
    clock = time.monotonic_ns()
    return (number(1, 1) + block(2, patient.encode()) + block(3, device.encode()) + eight_bytes(4, struct.pack("<Q", epoch))
            + number(5, sequence) + number(7, first) + number(8, len(samples)) + number(9, rate) + number(10, 1)
            + eight_bytes(11, struct.pack("<d", nanovolts)) + number(12, 1) + block(13, of_lead)
            + number(18, clock << 1) + number(21, battery) + number(23, int(last)))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("record")
    options.add_argument("--publish", default="tcp://127.0.0.1:7201")
    options.add_argument("--patient", default="phone-1")
    options.add_argument("--device", default="phone")
    asked = options.parse_args()
    rate, lead, nanovolts, values = sensor(asked.record)
    topic = ("ecg1.%02x.%s.%s." % (zlib.crc32(asked.patient.encode()) >> 24, asked.patient, asked.device)).encode()
    socket = zmq.Context().socket(zmq.XPUB)
    socket.setsockopt(zmq.XPUB_NODROP, 1)
    socket.connect(asked.publish)
    # The daemon subscribes; before it does nobody would hear.
    if not socket.poll(10_000):
        sys.exit("gateway: no daemon at %s; start shinden serve" % asked.publish)
    # Sample counters that start anew need a new epoch, and nothing may be sent again under an old one.
    epoch, sequence, step, began = random.getrandbits(64) | 1, 0, rate // 5, time.monotonic()
    print("gateway: %d Hz, %.0f s, epoch %016x" % (rate, len(values) / rate, epoch), file=sys.stderr)
    for first in range(0, len(values), step):
        samples = values[first:first + step]
        # A sensor gives a chunk when its last sample is there.
        time.sleep(max(0, began + (first + len(samples)) / rate - time.monotonic()))
        sequence += 1
        battery = max(5, 90 - sequence // 3000)
        socket.send_multipart([topic, chunk(asked.patient, asked.device, epoch, sequence, first, samples, rate, lead, nanovolts,
                                            battery, first + step >= len(values))])
    # Leave late: what still waits in a buffer would be lost.
    time.sleep(2)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
