"""Makes annotations.atr and annotations.json: marks of every kind of detail, written and read back by wfdb.

    pip install wfdb==4.3.1 && python3 Tests/RecordingsTests/golden/annotations.py
"""

import json
import os
import pathlib

import numpy
import wfdb

os.chdir(pathlib.Path(__file__).parent)
signs = list("NLRaVFJASEj/Q~|sT*D\"=pB^t+u?![]en@xf()r")
sample = numpy.cumsum([3, 0, 1023, 1024, 70_000, 5_000_000] + [77] * (len(signs) - 6))
wfdb.wrann(
    "annotations",
    "atr",
    sample,
    symbol=signs,
    subtype=numpy.array([(i * 7) % 5 for i in range(len(signs))]),
    chan=numpy.array([i // 10 for i in range(len(signs))]),
    num=numpy.array([(i // 7) for i in range(len(signs))]),
    aux_note=["(AFIB" if sign == "+" else "odd" if i % 9 == 4 else "" for i, sign in enumerate(signs)],
    fs=360,
)
read = wfdb.rdann("annotations", "atr")
marks = [
    {
        "sample": int(read.sample[i]), "sign": read.symbol[i], "subtype": int(read.subtype[i]),
        "channel": int(read.chan[i]), "number": int(read.num[i]), "text": read.aux_note[i].rstrip("\x00"),
    }
    for i in range(len(read.sample))
]
pathlib.Path("annotations.json").write_text(json.dumps({"hertz": read.fs, "marks": marks}, indent=0) + "\n")
