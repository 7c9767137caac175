"""The encoder in each form beside ONNX Runtime and OpenVINO on the same weights, one thread each, in turn in one run.

    python3 -m venv Benchmarks/peers/.venv
    Benchmarks/peers/.venv/bin/pip install -r Benchmarks/peers/requirements.txt
    swift build -c release -Xswiftc -enable-testing --product EncoderBenchmark
    Benchmarks/peers/.venv/bin/python Benchmarks/peers/encoder_vs_onnxruntime.py [--rounds 100]

Every round runs each peer on one window and then, for each form that the processor has, the multiply-adds that the
processor can do at most, our offline pass on the same window, a hop of 512 samples of one running stream, and a hop of
64 streams. All times are processor time, and the ratios are taken round by round, so that other work on the machine
touches all sides alike; medians and the range p10 ... p90 are printed. All must first give the golden embeddings.
The portable form, which takes seconds for a window, is measured in every 25th round and without the 64 streams.

The fastest form is measured in eight bits as well, beside itself in floats: no bound is set on what that embedding differs
by, `shinden model quantise` and `shinden evaluate` tell it.
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
import openvino
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
FIRST, END = 7, 150  # positions of the last stage that see no padding
EPSILON = 1e-5
STREAMS = 64
STREAM_SECOND = 86.6e6 * 512 / 500  # multiply-accumulates of a hop: 86.6 million for each second of a stream


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


def open_onnxruntime(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda window: session.run(None, {"window": window})[0][0]


def open_openvino(model):
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model, b""), "CPU", {
        "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    return lambda window: request.infer({"window": window})[0][0]


def milliseconds(body):
    """Processor time of this process, so that a peer's own thread counts too."""
    start = time.process_time_ns()
    body()
    return (time.process_time_ns() - start) / 1e6


class Ours:
    """The benchmark program in one form, asked line by line."""

    def __init__(self, program, form, precision="fp32"):
        self.form, self.precision, self.times = form, precision, {}
        self.process = subprocess.Popen(
            [program, "--form", form, "--precision", precision],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline()

    def measure(self):
        """Adds a round: the peak in multiply-adds a millisecond, everything else in milliseconds."""
        self.times.setdefault("peak", []).append(float(self.ask("peak")) * 1e6)
        for key in ("window", "hop 1") if self.form == "portable" else ("window", "hop 1", f"hop {STREAMS}"):
            self.times.setdefault(key, []).append(int(self.ask(key)) / 1e6)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def line(name, values, unit=""):
    low, middle, high = np.percentile(values, [10, 50, 90])
    return f"{name:<58}{middle:9.3f}{unit}   p10 {low:.3f}  p90 {high:.3f}"


def check(name, embed, golden):
    for record in range(6):
        difference = np.abs(embed(record) - golden["embedding.12"][record]).max()
        if not difference <= 1e-5:
            sys.exit(f"{name}, golden record {record}: embedding differs by {difference:.2e}, at most 1e-5 is right")


def report_bytes(ours, floats):
    """Prints what eight bits gain over the same form in floats."""
    print(f"\nform {ours.form}, int8, {len(ours.times['window'])} rounds")
    for key, name in (("window", "one window"), ("hop 1", "one hop"), (f"hop {STREAMS}", f"{STREAMS} streams")):
        ratio = np.array(floats.times[key]) / np.array(ours.times[key])
        print(line(f"  {name}, times faster than in floats", ratio))


def report(ours, peers, rounds):
    """Prints one form's ratios; `rounds` are those in which it was measured."""
    times = {key: np.array(values) for key, values in ours.times.items()}
    print(f"\nform {ours.form}, {len(rounds)} rounds")
    print(line("  measured peak", 2e-6 * times["peak"], " GFLOP/s"))
    print(line("  one window", times["window"], " ms"))
    print(line("  one hop of 512 samples", times["hop 1"], " ms"))
    for name, values in peers.items():
        print(line(f"  window / {name}'s window", times["window"] / np.array(values)[rounds]))
    for name, values in peers.items():
        print(line(f"  {name}'s window / hop", np.array(values)[rounds] / times["hop 1"]))
    print(line("  hop, part of the peak", STREAM_SECOND / times["hop 1"] / times["peak"]))
    many = times.get(f"hop {STREAMS}")
    if many is not None:
        each = many / STREAMS
        print(line(f"  {STREAMS} streams, a stream-second", each * 500 / 512, " ms"))
        print(line(f"  {STREAMS} streams, part of the peak", STREAM_SECOND / each / times["peak"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--program", default=str(ROOT / ".build/release/EncoderBenchmark"))
    arguments = parser.parse_args()

    model = build(read_tensors(ROOT / "Models/default/encoder.safetensors"))
    peers = {"ONNX Runtime": open_onnxruntime(model), "OpenVINO": open_openvino(model)}
    golden = read_tensors(ROOT / "Fixtures/golden/golden.safetensors")
    forms = subprocess.run([arguments.program, "--forms"], capture_output=True, text=True, check=True).stdout.split()
    ours = [Ours(arguments.program, form) for form in forms]
    eight = Ours(arguments.program, forms[-1], "int8") if forms[-1] != "portable" else None
    for name, embed in peers.items():
        check(name, lambda record: embed(golden["conditioned"][record:record + 1]), golden)
    for one in ours:
        check(one.form, lambda record: np.array(one.ask(f"embed {record}").split(), np.float32), golden)

    window = np.ascontiguousarray(golden["conditioned"][:1])
    peer_times = {name: [] for name in peers}
    measured = {one.form: [] for one in ours}
    for number in range(-3, arguments.rounds):  # the first rounds bring everything into memory and do not count
        for name, embed in peers.items():
            duration = milliseconds(lambda: embed(window))
            if number >= 0:
                peer_times[name].append(duration)
        for one in ours:
            if one.form == "portable" and number % 25 != 0:
                continue
            one.measure()
            if number < 0:
                one.times.clear()
            else:
                measured[one.form].append(number)
        if eight:
            eight.measure()
            if number < 0:
                eight.times.clear()
    print(f"fp32, one thread each, processor time, {arguments.rounds} rounds in turn; "
          f"ONNX Runtime {onnxruntime.__version__}, OpenVINO {openvino.__version__.split('-')[0]}")
    for name, values in peer_times.items():
        print(line(f"{name}, one window", values, " ms"))
    for one in ours:
        one.close()
        report(one, peer_times, measured[one.form])
    if eight:
        eight.close()
        report_bytes(eight, ours[-1])


if __name__ == "__main__":
    main()
