"""Reads a model folder as transformers does and compares it with what `rexp render --json` shows of the same model.

    python make_folder_figures.py FOLDER RENDERED.json ..      # needs torch and transformers

FOLDER is the artifact of a train node, each RENDERED.json the output of `rexp render PROGRAM TEMPLATE --as train --json`
for a template of turns. Checked: the tokenizer holds a token for each matrix row; text goes through it and back; the chat template
makes the rendered conversation, token by token, and the beginning of its last answer; generation runs with the tokenizer's
output as it is and ends at <|im_end|> or <|endoftext|>. Prints a line for each and exits with 1 where one does not hold.
"""

import json
import re
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

TURN = re.compile(r"<\|im_start\|>(system|user|assistant)\n(.*?)<\|im_end\|>\n", re.S)
STUB = "<think>\n\n</think>\n\n"
failed = False


def expect(holds, what):
    global failed
    failed |= not holds
    print(("ok    " if holds else "FAILED"), what)


def messages_of(text):
    turns = [{"role": role, "content": content} for role, content in TURN.findall(text)]
    for turn in turns:
        turn["content"] = turn["content"].removeprefix(STUB)
    return turns


def main():
    torch.set_num_threads(1)
    folder = sys.argv[1]
    with open(folder + "/rexp.json") as file:
        rows = json.load(file)["row_ids"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    size = model.get_input_embeddings().weight.shape[0]
    expect(len(tokenizer) == size, f"{size} tokens and rows")
    expect(set(tokenizer("film")) == {"input_ids", "attention_mask"}, "input_ids and attention_mask")
    for path in sys.argv[2:]:
        with open(path) as file:
            shown = json.load(file)
        messages = messages_of(shown["text"])
        whole = tokenizer.apply_chat_template(messages, tokenize=False)
        expect(whole == shown["text"], f"{path}: the conversation")
        ids = tokenizer(whole)["input_ids"]
        full = ids if rows is None else [rows[row] for row in ids]
        expect(full == shown["ids"], f"{path}: its {len(ids)} tokens")
        prompt = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
        expect(shown["text"].startswith(prompt), f"{path}: the prompt of its last answer")
        out = model.generate(**tokenizer(prompt, return_tensors="pt"), max_new_tokens=40, do_sample=False)[0]
        answer = tokenizer.decode(out[len(tokenizer(prompt)["input_ids"]):])
        expect(answer.endswith(("<|im_end|>", "<|endoftext|>")), f"{path}: an answer that ends: {answer!r}")
    batch = tokenizer(["film", "a film of films"], return_tensors="pt", padding=True)
    expect(model.generate(**batch, max_new_tokens=3).shape[0] == 2, "a padded batch")
    return 1 if failed else 0


sys.exit(main())
