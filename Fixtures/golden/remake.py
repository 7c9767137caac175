"""Makes golden.safetensors and golden.json anew from the weights of Models/default, by reference.py in PyTorch and SciPy.

    python3 -m venv .venv && .venv/bin/pip install torch numpy scipy wfdb safetensors
    .venv/bin/python Fixtures/golden/remake.py [--model FOLDER] [--out FOLDER] [--check]

`--check` writes nothing and stops with 1 where a number is off by more than 1e-6 of its tensor's greatest magnitude.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import wfdb
from safetensors import safe_open
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
import reference  # noqa: E402

# The name that the source gives a record, and its place among the fixtures.
RECORDS = {
    "ptbxl/records500/00000/00017_hr": "ptbxl/00017_hr",
    "ptbxl/records500/00000/00039_hr": "ptbxl/00039_hr",
    "ptbxl100/records100/10000/10128_lr": "ptbxl100/10128_lr",
    "ptbxl100/records100/21000/21005_lr": "ptbxl100/21005_lr",
    "challenge/georgia/E00001": "georgia/E00001",
    "challenge/ptb/S0001": "ptb/S0001",
}
SUBSETS = {"12": range(12), "I": [0], "limb": range(6)}


def conditioned(place):
    """[12, 5000] mV of a fixture's first ten seconds, as the encoder takes them."""
    record = wfdb.rdrecord(str(ROOT / "Fixtures" / place))
    order = [[name.upper() for name in record.sig_name].index(lead) for lead in reference.LEADS]
    samples = np.nan_to_num(record.p_signal[:, order]).T
    return reference.encoder_band(reference.to_500_hz(samples, record.fs))[:, :5000]


def vectors(folder):
    """Every tensor and list of the golden files."""
    encoder, bank, ids = reference.load(folder)
    ranked = set(json.loads((folder / "model.json").read_text())["ranked"])
    windows = np.stack([conditioned(place) for place in RECORDS.values()]).astype(np.float32)
    tensors, top = {"conditioned": torch.tensor(windows)}, {}
    with torch.no_grad():
        for name, leads in SUBSETS.items():
            x = torch.zeros_like(tensors["conditioned"])
            x[:, list(leads)] = tensors["conditioned"][:, list(leads)]
            features = encoder.features(x)
            if name == "12":
                tensors["features.12"] = features[:1].contiguous()
            tensors[f"pooled.{name}"] = encoder.pooled(features)
            embedding = F.normalize(encoder.projection(tensors[f"pooled.{name}"]), dim=-1)
            tensors[f"embedding.{name}"] = embedding
            for language in ("en", "ja"):
                tensors[f"similarity.{language}.{name}"] = embedding @ bank[f"bank.{language}"].T
            mean = (tensors[f"similarity.en.{name}"] + tensors[f"similarity.ja.{name}"]) / 2
            nearest = mean.argsort(dim=-1, descending=True).tolist()
            top[name] = [[ids[i] for i in row if ids[i] in ranked][:5] for row in nearest]
    return tensors, {"records": list(RECORDS), "top5": top}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, default=ROOT / "Models/default")
    arguments.add_argument("--out", type=Path, default=HERE)
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    tensors, lists = vectors(options.model)
    if not options.check:
        metadata = {"leads": " ".join(reference.LEADS), "records": "\n".join(RECORDS)}
        save_file({name: value.contiguous() for name, value in tensors.items()},
                  options.out / "golden.safetensors", metadata)
        (options.out / "golden.json").write_text(json.dumps(lists, indent=1) + "\n")
        return 0
    wrong = 0
    with safe_open(options.out / "golden.safetensors", "pt") as file:
        for name, value in tensors.items():
            stored = file.get_tensor(name)
            off = ((value - stored).abs().max() / stored.abs().max()).item()
            wrong += off > 1e-6
            print(f"{name:20} {off:.1e}")
    same = json.loads((options.out / "golden.json").read_text()) == lists
    print("lists", "equal" if same else "differ")
    return 1 if wrong or not same else 0


if __name__ == "__main__":
    sys.exit(main())
