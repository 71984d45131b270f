"""What Hugging Face's beam search finds on the tiny checkpoints of tests/parity/models: tests/parity/decode/*.json.

    python tests/parity/make_decode_fixtures.py        # torch 2.11, transformers 4.57; after make_model_fixtures.py

Constrained: `prefix_allowed_tokens_fn` over a catalogue (score rule `model`). Unconstrained: plain beams. Length penalty 0, so that a
score is the sum of log-probabilities, and no end token, so that every answer has as many tokens as there are levels.
"""

import json
import pathlib
import random

import torch
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent
MODELS = ("qwen3_tied", "qwen3_untied", "llama")
DEPTH, ITEMS, VOCAB = 3, 70, 96
LEVELS = ((20, 30), (28, 40), (40, 60))  # tokens 28 and 29 occur at two levels
BEAMS = (1, 6, 20)
PROMPTS = (3, 17, 40, 8)


def catalogue(rng):
    """Few middle codes, shared by many first codes: a table of token pairs would let wrong ids through."""
    keys = [[rng.randrange(*level) for level in LEVELS] for _ in range(ITEMS - 4)]
    return keys + keys[:4]  # the last four items share the ids of the first four


def allowed(keys, prompt_length):
    children = {}
    for key in keys:
        for level in range(DEPTH):
            children.setdefault(tuple(key[:level]), set()).add(key[level])
    # transformers keeps beams of score -inf when a level has fewer tokens than there are beams; they need some token
    return lambda _, ids: sorted(children.get(tuple(ids[prompt_length:].tolist()), {0}))


def beams(model, prompt, count, keys):
    found = model.generate(
        torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), num_beams=count,
        num_return_sequences=count, do_sample=False, max_new_tokens=DEPTH, min_new_tokens=DEPTH, length_penalty=0.0,
        early_stopping=False, eos_token_id=None, pad_token_id=0, return_dict_in_generate=True, output_scores=True,
        prefix_allowed_tokens_fn=allowed(keys, len(prompt)) if keys else None)
    ids = found.sequences[:, len(prompt):].tolist()
    scores = found.sequences_scores.tolist() if count > 1 else [
        torch.stack([torch.log_softmax(model(torch.tensor([prompt + ids[0][:t]])).logits[0, -1].double(), -1)[ids[0][t]]
                     for t in range(DEPTH)]).sum().item()]
    return {"sids": ids, "scores": [float(f"{s:.8g}") for s in scores]}


def main():
    (HERE / "decode").mkdir(exist_ok=True)
    for number, name in enumerate(MODELS):
        rng = random.Random(number)
        model = AutoModelForCausalLM.from_pretrained(HERE / "models" / name, dtype=torch.float32, attn_implementation="eager").eval()
        keys = catalogue(rng)
        out = {"catalogue": keys, "cases": []}
        for length in PROMPTS:
            prompt = [rng.randrange(VOCAB) for _ in range(length)]
            for count in BEAMS:
                with torch.inference_mode():
                    out["cases"].append({"prompt": prompt, "beams": count, "constrained": beams(model, prompt, count, keys),
                                         "free": beams(model, prompt, count, None)})
        (HERE / "decode" / f"{name}.json").write_text(json.dumps(out))


if __name__ == "__main__":
    main()
