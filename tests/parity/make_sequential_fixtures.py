"""Makes the tiny random checkpoints of tests/parity/sequential with RecBole's SASRec and BERT4Rec, and what they compute.

    python tests/parity/make_sequential_fixtures.py        # recbole 1.2.1, torch

Each folder holds weights.safetensors under rexp's names and expected.json: histories (items from 0) and the scores of all items. RecBole numbers
items from 1 and pads with 0, so its row of item i is i + 1. When it asks BERT4Rec it drops the oldest item whatever the length; the item before
the history is there to be dropped.
"""

import json
import pathlib
import struct

import torch
from recbole.model.sequential_recommender.bert4rec import BERT4Rec
from recbole.model.sequential_recommender.sasrec import SASRec

HERE = pathlib.Path(__file__).parent / "sequential"
ITEMS, POSITIONS = 23, 8
SIZES = dict(n_layers=2, n_heads=2, hidden_size=16, inner_size=24, hidden_dropout_prob=0.5, attn_dropout_prob=0.5,
             hidden_act="gelu", layer_norm_eps=1e-12, initializer_range=0.02, loss_type="CE", mask_ratio=0.2)
HISTORIES = [[3], [5, 1, 22, 0], [7, 7, 2], [9, 8, 1, 4, 6, 2, 11]]


class Config(dict):
    def __missing__(self, key):
        return key


class Data:
    def num(self, field):
        return ITEMS + 1


def config():
    return Config(SIZES, MAX_ITEM_LIST_LENGTH=POSITIONS, device="cpu", LIST_SUFFIX="_list", NEG_PREFIX="neg_")


def our_name(name):
    for theirs, ours in [
        ("item_embedding.weight", "items"), ("position_embedding.weight", "positions"), ("trm_encoder.layer.", "blocks."),
        ("multi_head_attention.query", "query"), ("multi_head_attention.key", "key"), ("multi_head_attention.value", "value"),
        ("multi_head_attention.dense", "output"), ("multi_head_attention.LayerNorm", "attention_norm"),
        ("feed_forward.dense_1", "up"), ("feed_forward.dense_2", "down"), ("feed_forward.LayerNorm", "feed_norm"),
        ("output_ffn", "head"), ("output_ln", "head_norm"), ("output_bias", "item_bias"), ("LayerNorm", "input_norm"),
    ]:
        if name.startswith("blocks.") and theirs == "LayerNorm":
            continue
        name = name.replace(theirs, ours)
    return name


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    for name, kind in [("sasrec", SASRec), ("bert4rec", BERT4Rec)]:
        torch.manual_seed(7)
        model = kind(config(), Data()).eval()
        with torch.no_grad():  # norms and biases too, so that a forgotten one shows
            for parameter in model.parameters():
                parameter.copy_(torch.randn_like(parameter) * 0.3 + (1 if parameter.dim() == 1 else 0))
        before = [[0]] if name == "bert4rec" else [[]]
        sequences = [[i + 1 for i in before[0] + history] for history in HISTORIES]
        padded = torch.tensor([s + [0] * (POSITIONS - len(s)) for s in sequences])
        lengths = torch.tensor([len(s) for s in sequences])
        with torch.no_grad():
            scores = model.full_sort_predict({model.ITEM_SEQ: padded, model.ITEM_SEQ_LEN: lengths})[:, 1:]
        folder = HERE / name
        folder.mkdir(parents=True, exist_ok=True)
        weights = {our_name(n): p for n, p in model.named_parameters()}
        for cut in ("items", "item_bias"):
            if cut in weights:
                weights[cut] = weights[cut][1:]
        write_safetensors(folder / "weights.safetensors", weights)
        expected = {"histories": HISTORIES, "scores": [[round(x, 6) for x in row] for row in scores.tolist()]}
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")


main()
