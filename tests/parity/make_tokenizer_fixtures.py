#!/usr/bin/env python3
"""Makes the tokenizer fixtures with Hugging Face `tokenizers`, the reference implementation.

    python tests/parity/make_tokenizer_fixtures.py path/to/qwen.tiktoken

Writes tests/parity/tokenizer/: qwen_cases.json (texts and ids under Qwen3's tokenizer, rebuilt from the rank file) and, for the
tokenizer.json reader, small tokenizers of three families with their own cases. Needs `pip install tokenizers`.
"""
import argparse
import base64
import json
import pathlib
import random
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
QWEN3_ADDED = ("<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|> "
               "<|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|> "
               "<tool_call> </tool_call> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|> <|repo_name|> <|file_sep|> "
               "<tool_response> </tool_response> <think> </think>").split()
SIDS = [f"<|sid_{i}|>" for i in range(64)]


def byte_alphabet():
    codes = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {b: chr(b) for b in codes}
    spare = 0x100
    for b in range(256):
        if b not in table:
            table[b] = chr(spare)
            spare += 1
    return table


ALPHABET = byte_alphabet()


def spell(token: bytes) -> str:
    return "".join(ALPHABET[b] for b in token)


def recover_merges(ranks):
    """The pair that each token of a rank file is merged from: what its bytes are just before its own merge."""
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        parts = [bytes([b]) for b in token]
        while len(parts) > 2:
            best = min(range(len(parts) - 1), key=lambda i: (ranks.get(parts[i] + parts[i + 1], rank), i))
            if ranks.get(parts[best] + parts[best + 1], rank) >= rank:
                break
            parts[best:best + 2] = [parts[best] + parts[best + 1]]
        if len(parts) == 2:
            merges.append((spell(parts[0]), spell(parts[1])))
    return merges


def byte_level_bpe(model, pattern, nfc):
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.NFC() if nfc else None
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def add_tokens(tokenizer, contents, special):
    tokenizer.add_tokens([AddedToken(c, normalized=False, special=special) for c in contents])


def qwen3(path, with_added):
    lines = pathlib.Path(path).read_bytes().splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
    model = models.BPE(vocab={spell(t): r for t, r in ranks.items()}, merges=recover_merges(ranks))
    tokenizer = byte_level_bpe(model, QWEN2, nfc=True)
    if with_added:
        add_tokens(tokenizer, QWEN3_ADDED + SIDS, special=False)
    return tokenizer


def assigned(rng, low, high):
    """A code point that Unicode 3.2 knew already, so that no library's age matters."""
    while True:
        c = chr(rng.randrange(low, high))
        if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs", "Co"):
            return c


HAND_MADE = [
    "", " ", "  ", "\n", "\r\n", "\t", "a", "Hello world", "user", "system", "assistant", "Hello  world   ", "trailing  ",
    "这是一部涵盖喜剧、悬疑与惊悚的电影", "推荐下一部电影:《玩具总动员》(1995)。", "日本語のテキスト、ガギグゲゴ", "한국어 텍스트", "Tiếng Việt có dấu",
    "It's", "IT'S", "it'ſ", "'ſ'T'RE'vE'Ll'd'm", "don't we'll they've I'm you're he'd", "'x 's't", "' s", "''s", "l'amour",
    "\u2019s curly", "1", "12", "123", "1234567", "3.14159", "１２３４ full width", "٣٤٥", "Ⅷ½²", "a1b2c3", "v2.0-rc1",
    "line\nline", "line\r\nline", "\r\n\r\n\r\n", "\n\n\n x", " \n \n ", "x \n\n  y", "x\r\r\ny", "x  \n", "end.\n\n", "...\n\n\nz",
    "\u3000全角空格\u3000", "\u3000\u3000x", "a\u00a0b", "\u00a0 x", "a\u2003\u2003b", "a\u0085b", "\u2028x\u2029y", "zero\u200bwidth",
    "\ufeffbom", "tab\tseparated\t\tvalues", "\x00\x01\x1f\x7f", "a\x1cb", "👍", "👍🏽", "👩\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈🇩🇪", "e\u0301", "é",
    "a\u0301\u0327", "a\u0327\u0301", "n\u0303o", "\u1112\u1161\u11ab", "ﬁ ligature", "Å \u212b \u00c5", "\u0958", "\u0915\u093c", "\u0344",
    "नमस्ते दुनिया", "สวัสดี", "שלום עולם", "مرحبا بالعالم", "Привет, мир!", "Γειά σου", "#hashtag @user http://x.y/z?q=1&r=2",
    "def f(x):\n    return x ** 2\n", "if (a != b) { c += d; }  // why\n\n", "\\n \\t", "$100.00 €5", "a_b_c __init__", "CamelCaseWords",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", " " * 40, " " * 100 + "x", "=" * 70, "\n" * 50, "哈" * 30, "ab" * 60, "0" * 30, "-" * 33 + "\n",
    "Toy Story (1995)", "One Flew Over the Cuckoo's Nest", "Amélie", "Le Fabuleux Destin d'Amélie Poulain", "«Сталкер»",
    "<|im_start|>user\n你好<|im_end|>\n<|im_start|>assistant\n", "<|endoftext|>", "<|im_end|", "<|im_end|>>", "<<|im_end|>",
    "x<|im_start|><|im_end|>y", "<think>\n\n</think>\n\n答", "<think", "<tool_call>{}</tool_call>", "<|sid_1|>", "<|sid_12|>",
    "<|sid_1|><|sid_12|><|sid_1|>2|>", "看过<|sid_3|><|sid_40|>之后", "<|sid_63|>'s", "<|sid_64|>", " <|sid_5|> ", "\n<|sid_5|>\n",
    "<|sid_0|>\u0301", "e<|sid_0|>\u0301", "<|sid_<|sid_7|>", "a<|fim_prefix|>b<|file_sep|>",
]


def random_texts(rng, count):
    words = "the movie Is's 'll\t\n \r\n 电影 喜剧 悬疑 , . ! 12 3 — … é e\u0301 ſ <|im_end|> <|sid_4|> <|sid_44|> 'S ' 👍🏽 \u3000 \u00a0 x".split(" ")
    words += [" ", "  ", "\n", "\u3000", "\u0301"]
    blocks = [(0x20, 0x7F), (0x20, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE80), (0x1100, 0x1200),
              (0x1E00, 0x2000), (0x2000, 0x2C00), (0x3000, 0x3200), (0x3400, 0x9FA6), (0xAC00, 0xD7A4), (0xF900, 0xFFEE),
              (0x1D100, 0x1D800), (0x20000, 0x2A6D7), (0, 0x30000)]
    for i in range(count):
        if i % 3 == 0:
            yield "".join(rng.choice(words) for _ in range(rng.randrange(1, 14)))
        elif i % 3 == 1:
            low, high = rng.choice(blocks)
            yield "".join(assigned(rng, low, high) for _ in range(rng.randrange(1, 16)))
        else:
            yield "".join(assigned(rng, *rng.choice(blocks)) if rng.random() < 0.6 else rng.choice(words)
                          for _ in range(rng.randrange(1, 16)))


def cases(plain, with_added, texts):
    """allow: every added token is recognised; deny (left out when equal): none is, as if there were none."""
    out = []
    for text in texts:
        case = {"text": text, "allow": with_added.encode(text, add_special_tokens=False).ids}
        deny = plain.encode(text, add_special_tokens=False).ids
        if deny != case["allow"]:
            case["deny"] = deny
        out.append(case)
    return out


def write_cases(path, entries):
    lines = ",\n".join(json.dumps(e, ensure_ascii=True, separators=(",", ":")) for e in entries)
    path.write_text('{"cases": [\n' + lines + "\n]}\n", encoding="utf-8")


CORPUS = [
    "the quick brown fox jumps over the lazy dog and the other dog", "it's we'll they've don't I'm you're he'd",
    "the movie is a comedy, the other movie is a thriller", "in 1995 and 2001 there were 12 or 123 or 1234 movies",
    "喜剧电影 悬疑电影 惊悚电影 这是一部电影", "    indented\n\n\nlines\r\n", "def f(x):\n    return x + 1\n", "the the the there then them other",
]


def small_tokenizers():
    """(name, tokenizer without added tokens, tokenizer with): one of each family that the reader knows."""
    def train(tokenizer, alphabet, specials=()):
        trainer = trainers.BpeTrainer(vocab_size=len(alphabet) + 130, initial_alphabet=sorted(alphabet), show_progress=False,
                                      special_tokens=list(specials))
        tokenizer.train_from_iterator(CORPUS * 3, trainer)
        return tokenizer

    def copy(tokenizer):
        return Tokenizer.from_str(tokenizer.to_str())

    def with_tokens(tokenizer, contents, special):
        tokenizer = copy(tokenizer)
        add_tokens(tokenizer, contents, special)
        return tokenizer

    everything = set(ALPHABET.values())
    chatml = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

    qwen = train(byte_level_bpe(models.BPE(), QWEN2, nfc=True), everything)
    yield "qwen2_style", qwen, with_tokens(qwen, chatml + SIDS[:16], True)

    llama = train(byte_level_bpe(models.BPE(ignore_merges=True), LLAMA3, nfc=False), everything)
    spec = json.loads(llama.to_str())
    spec["model"]["vocab"][spell(" dog and".encode())] = len(spec["model"]["vocab"])  # no merge makes it and no piece is it
    spec["model"]["vocab"][spell("jumping".encode())] = len(spec["model"]["vocab"])   # a piece that only ignore_merges finds
    llama = Tokenizer.from_str(json.dumps(spec))
    yield "llama3_style", llama, with_tokens(llama, ["<|begin_of_text|>", "<|eot_id|>"], True)

    # SmolLM2: the added tokens are in the vocabulary, first; not every byte is a token; the unknown token stands for the rest
    smol = Tokenizer(models.BPE(unk_token="<|endoftext|>"))
    smol.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                                  pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    smol.decoder = decoders.ByteLevel()
    seen = {ALPHABET[b] for text in HAND_MADE for b in text.encode()}
    smol = train(smol, seen, chatml)
    spec = json.loads(smol.to_str())
    spec["model"]["merges"] = [" ".join(m) if isinstance(m, list) else m for m in spec["model"]["merges"]]  # the older spelling
    smol = Tokenizer.from_str(json.dumps(spec))
    without = json.loads(smol.to_str())
    without["added_tokens"] = []
    yield "smollm2_style", Tokenizer.from_str(json.dumps(without)), smol


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tiktoken", help="path of qwen.tiktoken")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent / "tokenizer")
    parser.add_argument("--random", type=int, default=420, help="number of random texts")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    texts = HAND_MADE + list(random_texts(random.Random(args.seed), args.random))
    write_cases(args.out / "qwen_cases.json", cases(qwen3(args.tiktoken, False), qwen3(args.tiktoken, True), texts))
    for name, plain, tokenizer in small_tokenizers():
        folder = args.out / name
        folder.mkdir(exist_ok=True)
        spec = json.loads(tokenizer.to_str())
        if name == "smollm2_style":
            spec["model"]["merges"] = [" ".join(m) if isinstance(m, list) else m for m in spec["model"]["merges"]]
        (folder / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        write_cases(folder / "cases.json", cases(plain, tokenizer, texts[:len(HAND_MADE) + args.random // 3]))


if __name__ == "__main__":
    main()
