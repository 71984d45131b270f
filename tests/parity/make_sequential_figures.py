"""Trains RecBole's SASRec and BERT4Rec on ml-100k with the hyperparameters of RecBole's own files, and measures them as rexp measures.

    python tests/parity/make_sequential_figures.py FOLDER OUT.json [--runs sasrec_ce,bert4rec] [--seeds 1,2,3]    # recbole 1.2.1, torch, scipy

FOLDER holds ml-100k.inter. The last event of a user is the test item, the one before it the valid item, the rest is train; the input of test
includes the valid item. Time order is a stable sort by timestamp, so that ties stay in file order. The whole catalogue is ranked, equal scores
go to the lower id; `kept` ranks items that a user has seen too, `dropped` leaves them out. Before anything is trained, popularity and a Markov
chain must give the figures of tests/unit/baseline_test.cpp. Every run is merged into OUT.json as soon as it ends, by several processes at once if
there are; hours on a CPU. With --work a run that was stopped goes on.
"""

import argparse
import fcntl
import importlib.metadata
import json
import os
import platform
import random
import shutil
import sys
import tempfile
import time

import numpy as np
import scipy.sparse
import torch
import torch.nn.functional as F
from recbole.config import Config
from recbole.data.interaction import Interaction
from recbole.data.transform import MaskItemSequence
from recbole.utils import get_model

CUTS = {"HR": (1, 5, 10), "NDCG": (5, 10)}
RUNS = {"sasrec_ce": ("SASRec", "CE"), "sasrec_bpr": ("SASRec", "BPR"), "bert4rec": ("BERT4Rec", "CE")}
PATIENCE = 11  # stopping_step 10: RecBole stops when more than 10 evaluations in a row brought no gain
DESCRIBED = """n_layers n_heads hidden_size inner_size hidden_dropout_prob attn_dropout_prob hidden_act layer_norm_eps initializer_range
    loss_type mask_ratio ft_ratio MAX_ITEM_LIST_LENGTH learner learning_rate weight_decay train_batch_size epochs stopping_step eval_step
    valid_metric repeatable clip_grad_norm""".split()
BASELINES = [  # what, regime, metric, its value
    ("popularity", "kept", "HR@10", 0.0498), ("popularity", "dropped", "HR@10", 0.0859),
    ("popularity", "kept", "NDCG@10", 0.0224), ("popularity", "dropped", "NDCG@10", 0.0449),
    ("markov", "kept", "HR@10", 0.1103), ("markov", "dropped", "HR@10", 0.1442),
]


class Split:
    """Rows are users in ascending id; item ids as in the file, from 1: 0 is no item."""

    def __init__(self, folder):
        users = {}
        with open(os.path.join(folder, "ml-100k.inter")) as file:
            next(file)
            for line in file:
                user, item, _, when = line.rstrip("\n").split("\t")
                users.setdefault(int(user), []).append((float(when), int(item)))
        sequences = [[item for _, item in sorted(users[u], key=lambda event: event[0])] for u in sorted(users)]
        self.train = [s[:-2] for s in sequences]
        self.inputs = {"valid": [s[:-2] for s in sequences], "test": [s[:-1] for s in sequences]}
        self.target = {"valid": np.array([s[-2] for s in sequences]), "test": np.array([s[-1] for s in sequences])}
        self.items = max(max(s) for s in sequences) + 1

    def __len__(self):
        return len(self.train)


def ranks(scores, targets, histories=None):
    """Of every target, from 1. Items of `histories` are left out where they are given."""
    scores = scores.copy()
    scores[:, 0] = -np.inf
    for row, history in enumerate(histories or []):
        scores[row, history] = -np.inf
    own = scores[np.arange(len(targets)), targets][:, None]
    above = (scores > own).sum(1)
    equal = ((scores == own) & (np.arange(scores.shape[1])[None, :] < targets[:, None])).sum(1)
    return np.where(np.isneginf(own[:, 0]), scores.shape[1], 1 + above + equal)


def figures(rank):
    out = {f"HR@{k}": float((rank <= k).mean()) for k in CUTS["HR"]}
    out.update({f"NDCG@{k}": float(np.where(rank <= k, 1 / np.log2(rank + 1), 0).mean()) for k in CUTS["NDCG"]})
    return {metric: round(value, 6) for metric, value in out.items()}


def evaluate(split, part, score, chunk=1024):
    """`score`: of row indices, [rows, items]."""
    kept, dropped = [], []
    for rows in np.split(np.arange(len(split)), range(chunk, len(split), chunk)):
        scores, targets = score(rows), split.target[part][rows]
        kept.append(ranks(scores, targets))
        dropped.append(ranks(scores, targets, [split.inputs[part][r] for r in rows]))
    return {"kept": figures(np.concatenate(kept)), "dropped": figures(np.concatenate(dropped))}


def check_split(split):
    """A wrong split or a wrong rank shows in the figures of what is only counted."""
    counts = np.zeros(split.items)
    for s in split.train:
        np.add.at(counts, s, 1)
    pairs = [(a, b) for s in split.train for a, b in zip(s, s[1:])]
    next_to = scipy.sparse.csr_matrix((np.ones(len(pairs)), tuple(zip(*pairs))), shape=(split.items, split.items))
    last = np.array([s[-1] for s in split.inputs["test"]])
    out = {
        "users": len(split),
        "items": split.items - 1,
        "popularity": evaluate(split, "test", lambda rows: np.repeat(counts[None], len(rows), 0)),
        "markov": evaluate(split, "test", lambda rows: next_to[last[rows]].toarray() + 1e-6 * counts[None]),
    }
    for name, regime, metric, value in BASELINES:
        seen = out[name][regime][metric]
        assert round(seen, 4) == value, f"{name} {regime} {metric}: {seen}, expected {value}"
    return out


class Trained:
    """RecBole's model, loss and defaults, and its examples: every prefix of train, padded on the right, the window of the newest 50.

    What is computed is what RecBole computes. What nobody reads is left out: the last layer has queries only at the positions that the loss
    reads, and a batch is worked off in pieces of like length. `difference` compares with RecBole's forward.
    """

    def __init__(self, folder, split, run):
        name, loss = RUNS[run]
        self.split, self.name, self.loss_type = split, name, loss
        self.config = self.configure(folder)
        self.length, self.batch = self.config["MAX_ITEM_LIST_LENGTH"], self.config["train_batch_size"]
        self.transform = MaskItemSequence(self.config) if name == "BERT4Rec" else None
        self.net = get_model(name)(self.config, self)
        self.optimizer = torch.optim.Adam(
            self.net.parameters(), lr=self.config["learning_rate"], weight_decay=self.config["weight_decay"])
        self.prefixes = [(u, end) for u, s in enumerate(split.train) for end in range(1, len(s))]
        self.seqs, self.lens = self.padded([split.train[u][:end] for u, end in self.prefixes])
        self.targets = torch.tensor([split.train[u][end] for u, end in self.prefixes])

    def num(self, field):  # RecBole asks its dataset this alone
        return self.split.items

    def configure(self, folder):
        """RecBole reads the command line and looks for its data set; neither is ours."""
        wanted = {"loss_type": self.loss_type, "use_gpu": False, "topk": [1, 5, 10], "valid_metric": "NDCG@10"}
        if self.loss_type == "CE":
            wanted["train_neg_sample_args"] = None
        arguments, sys.argv = sys.argv, sys.argv[:1]
        with tempfile.TemporaryDirectory() as scratch:
            shutil.copytree(folder, os.path.join(scratch, "ml-100k"))
            config = Config(model=self.name, dataset="ml-100k", config_dict={"data_path": scratch, **wanted})
        sys.argv = arguments
        return config

    def described(self):
        out = {key: self.config[key] for key in DESCRIBED if self.config[key] is not None}
        return {**out, "prefixes": len(self.prefixes), "selection": "valid NDCG@10, seen kept, stops at the 11th epoch in a row without gain"}

    def padded(self, histories):
        seqs = torch.zeros((len(histories), self.length), dtype=torch.long)
        for row, history in enumerate(histories):
            window = history[-self.length:]
            seqs[row, :len(window)] = torch.tensor(window)
        return seqs, torch.tensor([min(len(history), self.length) for history in histories])

    def encode(self, seq, positions, causal):
        """States at `positions` [rows, q], equal to RecBole's forward there (before BERT4Rec's output layer)."""
        n = self.net
        x = n.dropout(n.LayerNorm(n.item_embedding(seq) + n.position_embedding.weight[:seq.shape[1]]))
        mask = n.get_attention_mask(seq, bidirectional=not causal)
        for i, layer in enumerate(n.trm_encoder.layer):
            attention, last = layer.multi_head_attention, i + 1 == len(n.trm_encoder.layer)
            own = torch.gather(x, 1, positions[:, :, None].expand(-1, -1, x.shape[2])) if last else x
            seen = mask
            if last and causal:
                seen = torch.gather(mask, 2, positions[:, None, :, None].expand(-1, 1, -1, mask.shape[3]))
            parts = ((attention.query, own), (attention.key, x), (attention.value, x))
            q, k, v = (attention.transpose_for_scores(of(y)).transpose(1, 2) for of, y in parts)
            shares = F.softmax(q @ k.transpose(2, 3) / attention.sqrt_attention_head_size + seen, dim=-1)
            hidden = (attention.attn_dropout(shares) @ v).transpose(1, 2).reshape(own.shape)
            hidden = attention.LayerNorm(attention.out_dropout(attention.dense(hidden)) + own)
            feed = layer.feed_forward
            x = feed.LayerNorm(feed.dropout(feed.dense_2(F.gelu(feed.dense_1(hidden)))) + hidden)
        return x

    def hidden(self, seq, lens, positions, causal):
        order = torch.argsort(lens)
        pieces = order.chunk(8 if len(order) >= 512 else 1)
        out = [self.encode(seq[p, :int(lens[p].max())], positions[p], causal) for p in pieces]
        return torch.cat(out)[torch.argsort(order)]

    def answer(self, hidden):
        """BERT4Rec's layer in front of the scores."""
        n = self.net
        return n.output_ln(n.output_gelu(n.output_ffn(hidden)))

    def loss(self, rows, rng):
        n, seq, lens, target = self.net, self.seqs[rows], self.lens[rows], self.targets[rows]
        if self.name == "BERT4Rec":
            masked = self.transform(self, Interaction({n.ITEM_SEQ: seq, n.ITEM_SEQ_LEN: lens}))
            index, items = masked[n.MASK_INDEX], masked[n.POS_ITEMS]
            real = index > 0
            hidden = self.answer(self.hidden(masked[n.MASK_ITEM_SEQ], lens, index, False)[real])
            return F.cross_entropy(hidden @ n.item_embedding.weight[:n.n_items].T + n.output_bias, items[real])
        hidden = self.hidden(seq, lens, (lens - 1)[:, None], True)[:, 0]
        table = n.item_embedding
        if self.loss_type == "CE":
            return n.loss_fct(hidden @ table.weight.T, target)
        # uniform over all items but the target: RecBole's RepeatableSampler does not look at the user's other items
        negative = torch.from_numpy(rng.integers(1, self.split.items - 1, len(rows)))
        negative += negative >= target
        return n.loss_fct((hidden * table(target)).sum(1), (hidden * table(negative)).sum(1))

    def epoch(self, rng):
        """Trains on every prefix once; the mean loss."""
        self.net.train()
        losses = []
        for rows in torch.from_numpy(rng.permutation(len(self.prefixes))).split(self.batch):
            self.optimizer.zero_grad()
            loss = self.loss(rows, rng)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    @torch.no_grad()
    def measure(self, part):
        self.net.eval()

        def score(rows):
            seq, lens = self.padded([self.split.inputs[part][r] for r in rows])
            return self.net.full_sort_predict(Interaction({self.net.ITEM_SEQ: seq, self.net.ITEM_SEQ_LEN: lens})).numpy()

        return evaluate(self.split, part, score)

    @torch.no_grad()
    def difference(self):
        """The largest from RecBole's forward, over the valid questions of some users."""
        n = self.net.eval()
        seq, lens = self.padded(self.split.inputs["valid"][:64])
        ours = self.hidden(seq, lens, (lens - 1)[:, None], self.name == "SASRec")[:, 0]
        if self.name == "SASRec":
            return float((ours - n(seq, lens)).abs().max())
        return float((self.answer(ours) - n.gather_indexes(n(seq), lens - 1)).abs().max())


def train(model, seed, epochs, file):
    """Until PATIENCE epochs bring no gain of valid NDCG@10; leaves the model with the weights of the best epoch. `file`: what is kept, or None."""
    rng = np.random.default_rng(seed)
    state = {"best": -1.0, "best_epoch": 0, "curve": [], "cpu": 0.0}
    if file and os.path.exists(file):
        kept = torch.load(file, weights_only=False)
        state, rng = kept["state"], kept["rng"]
        random.setstate(kept["masks"])
        torch.set_rng_state(kept["dropout"])
        model.net.load_state_dict(kept["net"])
        model.optimizer.load_state_dict(kept["optimizer"])
    while len(state["curve"]) < epochs and len(state["curve"]) - state["best_epoch"] < PATIENCE:
        began = time.process_time()
        loss, valid = model.epoch(rng), model.measure("valid")
        state["cpu"] += time.process_time() - began
        state["curve"].append([round(loss, 4), valid["kept"]["NDCG@10"], valid["dropped"]["NDCG@10"]])
        if valid["kept"]["NDCG@10"] >= state["best"]:
            state.update(best=valid["kept"]["NDCG@10"], best_epoch=len(state["curve"]))
            state["best_net"] = {name: tensor.clone() for name, tensor in model.net.state_dict().items()}
        print(model.name, model.loss_type, seed, len(state["curve"]), state["curve"][-1], f"{state['cpu'] / 60:.1f} min", flush=True)
        if file:
            kept = {"state": state, "rng": rng, "masks": random.getstate(), "dropout": torch.get_rng_state(),
                    "net": model.net.state_dict(), "optimizer": model.optimizer.state_dict()}
            torch.save(kept, file + ".new")
            os.replace(file + ".new", file)
    model.net.load_state_dict(state["best_net"])
    columns = ["loss", "valid kept NDCG@10", "valid dropped NDCG@10"]
    return {"epochs": len(state["curve"]), "best_epoch": state["best_epoch"], "cpu_minutes": round(state["cpu"] / 60, 2),
            "curve": {"columns": columns, "epochs": state["curve"]}}


def summary(runs):
    """{seed: {regime: {metric: value}}} as mean and deviation over the seeds."""
    out = {}
    for regime in ("kept", "dropped"):
        out[regime] = {}
        for metric in next(iter(runs.values()))[regime]:
            values = [run[regime][metric] for run in runs.values()]
            deviation = round(float(np.std(values, ddof=1)), 6) if len(values) > 1 else None
            out[regime][metric] = {"mean": round(float(np.mean(values)), 6), "std": deviation}
    return out


def merge(path, change):
    """Lets `change` work on what the JSON file holds, one process at a time."""
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = {}
        if os.path.exists(path):
            with open(path) as file:
                whole = json.load(file)
        change(whole)
        with open(path + ".new", "w") as file:
            json.dump(whole, file, indent=1)
            file.write("\n")
        os.replace(path + ".new", path)


def add_run(whole, name, seed, model, result):
    of_name = whole.setdefault(name, {"runs": {}})
    of_name["hyperparameters"] = model.described()
    of_name["runs"][str(seed)] = result
    for part in ("valid", "test"):
        of_name[part] = summary({s: run[part] for s, run in of_name["runs"].items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--runs", default=",".join(RUNS))
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--work", help="folder for what a stopped run goes on from")
    args = parser.parse_args()
    if args.work:
        os.makedirs(args.work, exist_ok=True)
    torch.set_num_threads(1)
    split = Split(args.folder)
    checked = check_split(split)
    versions = {name: importlib.metadata.version(name) for name in ("torch", "numpy", "recbole")}
    merge(args.out, lambda whole: whole.update(split=checked, versions={"python": platform.python_version(), **versions}))
    for name in args.runs.split(","):
        for seed in map(int, args.seeds.split(",")):
            torch.manual_seed(seed)
            random.seed(seed)  # RecBole's masks
            model = Trained(args.folder, split, name)
            difference = model.difference()
            assert difference < 1e-4, f"{name} differs from RecBole's forward by {difference}"
            result = train(model, seed, args.epochs, args.work and os.path.join(args.work, f"{name}-{seed}.pt"))
            result.update({part: model.measure(part) for part in ("valid", "test")})
            merge(args.out, lambda whole: add_run(whole, name, seed, model, result))


main()
