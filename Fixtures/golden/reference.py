"""The encoder and its conditioning in PyTorch and SciPy: what the Swift code must agree with.

    pip install torch numpy scipy wfdb safetensors
    python reference.py RECORD...        # WFDB record names without extension; prints the five nearest statements

Slow and plain on purpose: it defines, it does not serve.
"""
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.signal import butter, resample_poly, sosfilt, sosfilt_zi

HERE = Path(__file__).resolve().parent
LEADS = "I II III AVR AVL AVF V1 V2 V3 V4 V5 V6".split()
HIGH_PASS = butter(2, 0.5, "high", fs=500, output="sos")   # encoder band 0.5-40 Hz
LOW_PASS = butter(4, 40, "low", fs=500, output="sos")


def to_500_hz(x, rate):
    """[leads, time] mV at `rate` Hz -> 500 Hz; both ends extended by their edge sample.

    SciPy's default filter length is shorter than the design's; only the band below 40 Hz is compared."""
    if rate == 500:
        return x
    ratio = Fraction(500, int(rate))
    pad = int(rate) // 2
    wide = np.concatenate([np.repeat(x[:, :1], pad, 1), x, np.repeat(x[:, -1:], pad, 1)], 1)
    y = resample_poly(wide, ratio.numerator, ratio.denominator, axis=-1, window=("kaiser", 8.6))
    start = pad * ratio.numerator // ratio.denominator
    return y[:, start:start + x.shape[1] * ratio.numerator // ratio.denominator]


def encoder_band(x):
    """[leads, time] mV at 500 Hz -> the same, band-limited; each filter starts in the steady state of its first sample."""
    for sos in (HIGH_PASS, LOW_PASS):
        x, _ = sosfilt(sos, x, axis=-1, zi=sosfilt_zi(sos)[:, None, :] * x[None, :, :1])
    return x


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm1d(outputs)
        self.conv2 = nn.Conv1d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm1d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv1d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm1d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut)


class Encoder(nn.Module):
    """ResNet1d18 with interior pooling: [batch, 12, time] mV -> [batch, 256], not normalised."""

    MARGIN, STRIDE, FIRST = 217, 32, 7      # position j sees samples 32 j - 217 ... 32 j + 217

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(12, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm1d(64)
        self.maxpool = nn.MaxPool1d(3, 2, 1)
        widths = [64, 64, 128, 256, 512]
        for i in range(4):
            stride = 1 if i == 0 else 2
            setattr(self, f"layer{i + 1}", nn.Sequential(Block(widths[i], widths[i + 1], stride), Block(widths[i + 1], widths[i + 1], 1)))
        self.attention = nn.Linear(512, 1, bias=False)
        self.projection = nn.Linear(1024, 256)

    def features(self, x):
        """[batch, 512, positions]: the positions that see no padding (143 of a 5,000-sample window)."""
        last = (x.shape[-1] - 1 - self.MARGIN) // self.STRIDE
        y = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        for i in range(4):
            y = getattr(self, f"layer{i + 1}")(y)
        return y[:, :, self.FIRST:last + 1]

    def pooled(self, features):
        """[batch, 1024]: mean, then attention-weighted mean."""
        weight = torch.softmax(self.attention(features.transpose(1, 2)).squeeze(-1), 1)
        return torch.cat([features.mean(-1), torch.einsum("bct,bt->bc", features, weight)], 1)

    def forward(self, x):
        return self.projection(self.pooled(self.features(x)))


def load(folder=HERE.parent.parent / "Models/default"):
    from safetensors import safe_open
    from safetensors.torch import load_file
    weights = load_file(folder / "encoder.safetensors")
    weights.pop("text_projection.weight")
    encoder = Encoder()
    missing, unexpected = encoder.load_state_dict(weights, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    with safe_open(folder / "label-bank.safetensors", "pt") as file:
        bank = {name: file.get_tensor(name) for name in file.keys()}
        ids = file.metadata()["ids"].split("\n")
    return encoder.eval(), bank, ids


def main():
    import wfdb
    encoder, bank, ids = load()
    for name in sys.argv[1:]:
        record = wfdb.rdrecord(name)
        order = [[s.upper() for s in record.sig_name].index(lead) for lead in LEADS]
        x = np.nan_to_num(record.p_signal[:, order]).T
        x = encoder_band(to_500_hz(x, record.fs))[:, :5000]
        with torch.no_grad():
            embedding = F.normalize(encoder(torch.tensor(x[None], dtype=torch.float32)), dim=-1)[0]
        similarity = (bank["bank.en"] @ embedding + bank["bank.ja"] @ embedding) / 2
        print(name, *(f"{ids[i]} {similarity[i]:.4f}" for i in similarity.argsort(descending=True)[:5].tolist()), sep="\n  ")


if __name__ == "__main__":
    main()
