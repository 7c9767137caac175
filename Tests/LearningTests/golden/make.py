"""Ten training steps in PyTorch: what the Swift layers, loss and optimiser must agree with.

    pip install torch numpy
    python Tests/LearningTests/golden/make.py > Tests/LearningTests/golden/ten-steps.json

A narrow ResNet1d18 (4 6 8 10 channels) with interior pooling against 5 sentences of 24 dimensions, batch 6, 512 samples;
float64, and float32 for its losses. Weights, windows, truths and texts come from one formula, so only the results are
kept. Written with PyTorch 2.6.0.
"""
import json
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

CHANNELS, SHARED, TEXT, SENTENCES, BATCH, SAMPLES, STEPS = [4, 6, 8, 10], 16, 24, 5, 6, 512, 10
RATE, DECAY, SMOOTHING = 3e-3, 1e-2, 0.01


def numbers(count, salt):
    """Numbers in [-1, 1), the same in every language: the high 32 bits of a 64-bit product."""
    i = np.arange(count, dtype=np.uint64) + np.uint64(1)
    z = i * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
    return (z >> np.uint64(32)).astype(np.float64) / 2.0**31 - 1


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm1d(outputs)
        self.conv2 = nn.Conv1d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm1d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv1d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm1d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(12, CHANNELS[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm1d(CHANNELS[0])
        inputs = CHANNELS[0]
        for stage, outputs in enumerate(CHANNELS):
            first = Block(inputs, outputs, 1 if stage == 0 else 2)
            setattr(self, f"layer{stage + 1}", nn.Sequential(first, Block(outputs, outputs, 1)))
            inputs = outputs
        self.attention = nn.Linear(CHANNELS[3], 1, bias=False)
        self.projection = nn.Linear(2 * CHANNELS[3], SHARED)
        self.text_projection = nn.Linear(TEXT, SHARED, bias=False)
        self.log_scale = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x, texts):
        y = F.max_pool1d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(4):
            y = getattr(self, f"layer{stage + 1}")(y)
        y = y[:, :, 7:(x.shape[-1] - 1 - 217) // 32 + 1]
        weight = torch.softmax(self.attention(y.transpose(1, 2)).squeeze(-1), 1)
        pooled = torch.cat([y.mean(-1), torch.einsum("bct,bt->bc", y, weight)], 1)
        ecg = F.normalize(self.projection(pooled), dim=-1)
        return ecg @ F.normalize(self.text_projection(texts), dim=-1).T


def fill(model):
    """Weights by the formula, in the order of their names."""
    state = model.state_dict()
    for salt, name in enumerate(sorted(n for n in state if not n.endswith("num_batches_tracked"))):
        shape = state[name].shape
        values = numbers(state[name].numel(), 1000 + salt).reshape(shape)
        if name.endswith("running_mean"):
            values = values * 0.1
        elif name.endswith("running_var"):
            values = values * 0.5 + 1
        elif name == "log_scale":
            values = values * 0 + 1.5
        elif name == "bias":
            values = values * 0 - 1
        elif len(shape) == 1:
            values = values * 0.2 + (1 if name.endswith("weight") else 0)
        else:
            values = values * (3.0 / np.prod(shape[1:])) ** 0.5
        state[name].copy_(torch.tensor(values))


def run(dtype):
    torch.set_default_dtype(dtype)
    model = Model()
    with torch.no_grad():
        fill(model)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}], lr=RATE)
    texts = torch.tensor(numbers(SENTENCES * TEXT, 1).reshape(SENTENCES, TEXT), dtype=dtype)
    losses = []
    for step in range(STEPS):
        x = numbers(BATCH * SAMPLES * 12, 100 + step).reshape(BATCH, SAMPLES, 12).astype(np.float32)
        truth = (numbers(BATCH * SENTENCES, 200 + step) > 0.3).astype(np.float64).reshape(BATCH, SENTENCES)
        weight = np.maximum(numbers(BATCH * SENTENCES, 300 + step), 0).astype(np.float32).reshape(BATCH, SENTENCES)
        weight = torch.tensor(weight, dtype=dtype)
        target = torch.tensor(truth, dtype=dtype) * (1 - SMOOTHING) + SMOOTHING / 2
        similarity = model(torch.tensor(x, dtype=dtype).transpose(1, 2), texts)
        logit = model.log_scale.exp() * similarity + model.bias
        loss = (F.softplus(logit) - target * logit).mul(weight).sum() / weight.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return model, losses


def main():
    torch.set_num_threads(1)
    model, losses = run(torch.float64)
    weights = {n: t.flatten().tolist() for n, t in sorted(model.state_dict().items())
               if not n.endswith("num_batches_tracked")}
    _, single = run(torch.float32)
    json.dump({"torch": torch.__version__, "losses": losses, "losses32": single, "weights": weights}, sys.stdout)


if __name__ == "__main__":
    main()
