"""Makes the tiny random checkpoints of tests/parity/models with Hugging Face transformers, and what they compute.

    python tests/parity/make_model_fixtures.py        # torch 2.11, transformers 4.57

Each folder is a Hugging Face model folder plus expected.json: token sequences, their fp32 logits (all positions), and for the first
sequence the gradient norms of the mean next-token loss. Norm weights are random too, so that a forgotten one shows.
"""

import json
import pathlib
import shutil

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

HERE = pathlib.Path(__file__).parent / "models"
SIZES = dict(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=16, intermediate_size=48,
    vocab_size=96, max_position_embeddings=256, bos_token_id=1, eos_token_id=2,
)
LENGTHS = (17, 5, 1, 40)


def qwen3(**more):
    return Qwen3ForCausalLM(Qwen3Config(rope_theta=1e6, **SIZES, **more))


def llama(**more):
    return LlamaForCausalLM(LlamaConfig(rope_theta=1e4, rms_norm_eps=1e-5, **SIZES, **more))


LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 64}
MODELS = {
    "qwen3_tied": (qwen3, dict(tie_word_embeddings=True), {}),
    "qwen3_untied": (qwen3, dict(tie_word_embeddings=False), {}),
    "qwen3_bf16": (qwen3, dict(tie_word_embeddings=True), dict(dtype=torch.bfloat16)),
    "qwen3_sharded": (qwen3, dict(tie_word_embeddings=True), dict(max_shard_size="20KB")),
    "llama": (llama, dict(tie_word_embeddings=True), {}),
    "llama3_rope": (llama, dict(tie_word_embeddings=False, rope_scaling=LLAMA3), dict(dtype=torch.float16)),
}


def fill(model):
    """Larger weights than the usual 0.02, so that attention and gates are far from linear."""
    for name, p in model.named_parameters():
        scale, centre = (0.3, 1.0) if "norm" in name else (0.15, 0.0)
        p.data = centre + scale * torch.randn_like(p)


def expected(model, sequences):
    out = {"sequences": [], "gradients": {}}
    for ids in sequences:
        logits = model(torch.tensor([ids])).logits[0]
        out["sequences"].append({"tokens": ids, "logits": [[float(f"{x:.7g}") for x in row] for row in logits.tolist()]})
    ids = torch.tensor([sequences[0]])
    model(ids, labels=ids).loss.backward()
    out["gradients"] = {n: float(f"{p.grad.norm().item():.8g}") for n, p in model.named_parameters()}
    return out


def main():
    for number, (name, (make, options, saving)) in enumerate(MODELS.items()):
        torch.manual_seed(number)
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        model = make(attn_implementation="eager", **options).eval()
        fill(model)
        model.to(saving.pop("dtype", torch.float32)).save_pretrained(folder, **saving)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        sequences = [torch.randint(0, 96, (n,)).tolist() for n in LENGTHS]
        (folder / "expected.json").write_text(json.dumps(expected(model, sequences)))


if __name__ == "__main__":
    main()
