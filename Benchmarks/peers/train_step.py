"""One training step in PyTorch on the CPU: the peer of TrainingBenchmark, in turn in one run.

    pip install torch numpy
    swift build -c release --product TrainingBenchmark
    python Benchmarks/peers/train_step.py .build/release/TrainingBenchmark

The same network, batch 32, the sigmoid loss against 223 sentences, AdamW, float32, two threads each. The two take turns,
step by step, so that whatever else the machine does falls on both alike; the figure is the ratio of the medians. Beside
it stand the processor seconds of both, which other programs change less; a third argument sets the threads of both.
"""
import os
import statistics
import subprocess
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

STEPS, BATCH, SENTENCES = 8, 32, 223


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
        stem = [nn.Conv1d(12, 64, 7, 2, 3, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.MaxPool1d(3, 2, 1)]
        widths = [64, 64, 128, 256, 512]
        for i in range(4):
            stem += [Block(widths[i], widths[i + 1], 1 if i == 0 else 2), Block(widths[i + 1], widths[i + 1], 1)]
        self.body = nn.Sequential(*stem)
        self.attention = nn.Linear(512, 1, bias=False)
        self.projection = nn.Linear(1024, 256)
        self.text_projection = nn.Linear(640, 256, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(2.3))
        self.bias = nn.Parameter(torch.tensor(-4.0))

    def forward(self, x, texts):
        y = self.body(x)[:, :, 7:(x.shape[-1] - 1 - 217) // 32 + 1]
        weight = torch.softmax(self.attention(y.transpose(1, 2)).squeeze(-1), 1)
        pooled = torch.cat([y.mean(-1), torch.einsum("bct,bt->bc", y, weight)], 1)
        return F.normalize(self.projection(pooled), dim=-1) @ F.normalize(self.text_projection(texts), dim=-1).T


def processor_seconds(process):
    """Of all threads of a process, those of the kernel for it included."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    torch.set_num_threads(threads)
    texts = torch.randn(SENTENCES, 640)
    truth = (torch.rand(BATCH, SENTENCES) < 0.05).float() * 0.99 + 0.005
    for samples in (5000, 2496):
        model = Model()
        optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-3)
        x = torch.randn(BATCH, 12, samples)
        peer = subprocess.Popen(
            [sys.argv[1], str(BATCH), str(samples), str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ours, theirs, processor = [], [], [[], []]
        for step in range(STEPS + 2):
            before = processor_seconds(peer.pid)
            peer.stdin.write("step\n")
            peer.stdin.flush()
            own = float(peer.stdout.readline())
            between = processor_seconds(peer.pid)
            started = processor_seconds("self")
            start = time.perf_counter()
            logit = model.log_scale.exp() * model(x, texts) + model.bias
            loss = (F.softplus(logit) - truth * logit).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            peer_seconds = time.perf_counter() - start
            if step >= 2:
                ours.append(own)
                theirs.append(peer_seconds)
                processor[0].append(between - before)
                processor[1].append(processor_seconds("self") - started)
        peer.stdin.close()
        memory = peer.stdout.readline().strip()
        peer.wait()
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"32 x 12 x {samples}: shinden {a:.3f} s (best {min(ours):.3f}), PyTorch {torch.__version__} {b:.3f} s "
              f"(best {min(theirs):.3f}), ratio of medians {a / b:.2f}, of bests {min(ours) / min(theirs):.2f}; "
              f"processor {statistics.median(processor[0]):.2f} s and {statistics.median(processor[1]):.2f} s; "
              f"shinden's peak memory {memory}", flush=True)


if __name__ == "__main__":
    main()
