"""Makes matching.json: what wfdb's compare_annotations counts for seeded lists of beats.

    pip install wfdb==4.3.1 && python3 Tests/BeatScoringTests/golden/matching.py
"""

import json
import pathlib
import random

import numpy
from wfdb.processing import compare_annotations

cases = []
for seed in range(60):
    generator = random.Random(seed)
    place, reference = 0, []
    for _ in range(generator.randint(1, 60)):
        place += generator.randint(20, 400)
        reference.append(place)
    found = [beat + generator.randint(-70, 70) for beat in reference if generator.random() < 0.9]
    found += [generator.randint(1, place + 100) for _ in range(generator.randint(0, 12))]
    found = sorted(set(beat for beat in found if beat >= 0)) or [5]
    for window in (9, 18, 54):
        # wfdb pairs beats that are less than its window apart.
        counts = compare_annotations(numpy.array(reference), numpy.array(found), window + 1)
        cases.append(
            {
                "reference": reference, "found": found, "window": window,
                "pairs": [int(pair) for pair in counts.matching_sample_nums],
                "hits": int(counts.tp), "missed": int(counts.fn), "falseBeats": int(counts.fp),
            }
        )
text = json.dumps(cases, separators=(",", ":"))
(pathlib.Path(__file__).parent / "matching.json").write_text(text + "\n")
