"""The encoder against ONNX Runtime on the same weights, one thread each, measured in turn in one run.

    python3 -m venv Benchmarks/peers/.venv
    Benchmarks/peers/.venv/bin/pip install onnx onnxruntime numpy
    swift build -c release --product EncoderBenchmark
    Benchmarks/peers/.venv/bin/python Benchmarks/peers/encoder_vs_onnxruntime.py [--rounds 300]

Every round runs ONNX Runtime on one window, our offline pass on the same window, and one hop of 512 samples of a
running stream of ours. The ratios are taken round by round, so that other work on the machine touches both sides
alike; medians and the range p10 ... p90 are printed. Both must first give the golden embeddings.
"""
import argparse
import json
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
FIRST, END = 7, 150  # positions of the last stage that see no padding
EPSILON = 1e-5


def read_tensors(path):
    """{name: array} of a safetensors file of Float32 tensors."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    begin = 8 + length
    return {
        name: np.frombuffer(data[begin + e["data_offsets"][0]:begin + e["data_offsets"][1]], "<f4").reshape(e["shape"])
        for name, e in header.items()
    }


class Graph:
    """Collects the nodes and weights of an ONNX graph; every method gives the name of its output."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants = weights, [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, kind, inputs, **attributes):
        output = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def convolution(self, x, name, norm, stride):
        """Convolution with its batch norm folded in, in Double: what ONNX Runtime's own optimiser would do."""
        w = self.weights[name + ".weight"].astype(np.float64)
        gamma, beta, mean, variance = (
            self.weights[f"{norm}.{key}"].astype(np.float64) for key in ("weight", "bias", "running_mean", "running_var"))
        scale = gamma / np.sqrt(variance + EPSILON)
        width = w.shape[2]
        return self.node(
            "Conv",
            [x, self.constant(name, (w * scale[:, None, None]).astype(np.float32)),
             self.constant(name + ".folded", (beta - mean * scale).astype(np.float32))],
            kernel_shape=[width], strides=[stride], pads=[width // 2, width // 2])

    def block(self, x, name, stride):
        y = self.node("Relu", [self.convolution(x, f"{name}.conv1", f"{name}.bn1", stride)])
        y = self.convolution(y, f"{name}.conv2", f"{name}.bn2", 1)
        if f"{name}.downsample.0.weight" in self.weights:
            x = self.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride)
        return self.node("Relu", [self.node("Add", [y, x])])


def build(weights):
    """The encoder as an ONNX model: [1, 12, 5000] mV -> [1, 256], unit length."""
    g = Graph(weights)
    x = g.node("Relu", [g.convolution("window", "conv1", "bn1", 2)])
    x = g.node("MaxPool", [x], kernel_shape=[3], strides=[2], pads=[1, 1])
    for stage in range(1, 5):
        for block in range(2):
            x = g.block(x, f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1)
    axis = g.constant("axis", np.array([2], np.int64))
    x = g.node("Slice", [x, g.constant("first", np.array([FIRST], np.int64)),
                         g.constant("end", np.array([END], np.int64)), axis])
    mean = g.node("ReduceMean", [x, axis], keepdims=0)
    score = g.node("MatMul", [g.constant("attention", weights["attention.weight"]), x])  # [1, 1, 143]
    weight = g.node("Transpose", [g.node("Softmax", [score], axis=2)], perm=[0, 2, 1])
    attended = g.node("Squeeze", [g.node("MatMul", [x, weight]), axis])
    pooled = g.node("Concat", [mean, attended], axis=1)
    y = g.node("Gemm", [pooled, g.constant("projection", weights["projection.weight"]),
                        g.constant("bias", weights["projection.bias"])], transB=1)
    g.nodes.append(helper.make_node("LpNormalization", [y], ["embedding"], axis=1, p=2))
    graph = helper.make_graph(
        g.nodes, "encoder", [helper.make_tensor_value_info("window", TensorProto.FLOAT, [1, 12, 5000])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, 256])], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def open_session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


class Ours:
    """The benchmark program, asked line by line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline()

    def milliseconds(self, line):
        return int(self.ask(line)) / 1e6

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def line(name, values, unit=""):
    low, middle, high = np.percentile(values, [10, 50, 90])
    return f"{name:<44}{middle:8.3f}{unit}   p10 {low:.3f}  p90 {high:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--program", default=str(ROOT / ".build/release/EncoderBenchmark"))
    arguments = parser.parse_args()

    session = open_session(build(read_tensors(ROOT / "Models/default/encoder.safetensors")))
    golden = read_tensors(ROOT / "Fixtures/golden/golden.safetensors")
    ours = Ours(arguments.program)
    for record in range(6):
        expected = golden["embedding.12"][record]
        theirs = session.run(None, {"window": golden["conditioned"][record:record + 1]})[0][0]
        mine = np.array(ours.ask(f"embed {record}").split(), np.float32)
        for name, embedding in (("ONNX Runtime", theirs), ("ours", mine)):
            difference = np.abs(embedding - expected).max()
            if not difference <= 1e-5:
                sys.exit(f"{name}, golden record {record}: embedding differs by {difference:.2e}, at most 1e-5 is right")

    window = {"window": np.ascontiguousarray(golden["conditioned"][:1])}
    times = {"onnx": [], "window": [], "hop": []}
    for _ in range(arguments.rounds + 10):
        start = time.perf_counter_ns()
        session.run(None, window)
        times["onnx"].append((time.perf_counter_ns() - start) / 1e6)
        times["window"].append(ours.milliseconds("window"))
        times["hop"].append(ours.milliseconds("hop"))
    ours.close()
    onnx_time, window_time, hop_time = (np.array(times[key][10:]) for key in ("onnx", "window", "hop"))
    print(f"ONNX Runtime {onnxruntime.__version__}, fp32, one thread; {arguments.rounds} rounds in turn")
    print(line("ONNX Runtime, one window", onnx_time, " ms"))
    print(line("ours, one window", window_time, " ms"))
    print(line("ours, one hop of 512 samples", hop_time, " ms"))
    print(line("our window / ONNX Runtime's (at most 1)", window_time / onnx_time))
    print(line("ONNX Runtime's window / our hop (at least 9)", onnx_time / hop_time))


if __name__ == "__main__":
    main()
