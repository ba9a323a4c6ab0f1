# SPDX-License-Identifier: Apache-2.0
"""Reference numbers for the tests of core/language, made with the packages tokenizers, transformers and jinja2.

    python make_references.py            writes the .json files beside it; the same versions give the same bytes

minilm_vocab.txt is the vocabulary of the sentence network all-MiniLM-L6-v2 (Apache-2.0), as its package ships it.
Made with tokenizers 0.23.3, transformers 5.24.0, jinja2 3.1.6.
"""
import copy
import json
import pathlib
import random

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).resolve().parent
WHO = "a man|two women|the chef|a child in a red coat|my brother's dog|an old surfer|nobody|the referee|three dancers|she".split("|")
DOES = "rides|is washing|throws|picks up|doesn't see|was repairing|juggles with|cuts|paints|walks past".split("|")
WHAT = "a bicycle|the javelin|12 eggs|her skateboard|an unbelievably large pumpkin|the piano|some hyperparameters|a kayak|it|$19.99".split("|")
WHEN = "slowly|at 12:35|before the jump|(off camera)|while it rains|, then stops|on the beach, near Naples|again & again|in 1997|!".split("|")
ODD = ["caf\u00e9 cr\u00e8me br\u00fbl\u00e9e", "na\u00efve fa\u00e7ade", "cafe\u0301", "\u00c5ngstr\u00f6m \u212b", "Stra\u00dfe \u1e9e", "\u0130stanbul", "\u01c5",
       "\u4e00\u4e2a\u4eba\u5728\u6d77\u8fb9\u51b2\u6d6a\u3002", "\u6771\u4eac\u30bf\u30ef\u30fc", "\u304c\u304e \u304b\u3099", "\uc11c\ud551\uc744 \ud558\ub294", "\u1112\u1161\u11ab",
       "\u0427\u0435\u043b\u043e\u0432\u0435\u043a", "\u0439\u0451", "\u0631\u062c\u0644 \u064a\u0631\u0643\u0628", "\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd", "\u0939\u093f\u0928\u094d\u0926\u0940",
       "\u0e44\u0e17\u0e22\u0e19\u0e35\u0e49", "\U0001f3c4\u200d\u2642\ufe0f\U0001f30a", "\U0001f44d\U0001f3fd!", "\U0001f1e9\U0001f1ea", "tabs\tand\nlines\r\n  end", "zero\u200bwidth",
       "soft\u00adhyphen", "nbsp\u00a0here", "bell\u0007end", "nul\u0000l", "bad\ufffdchar", "\u2018curly\u2019 \u201cquotes\u201d", "dash \u2014 \u2013\u2026", "x" * 100, "y" * 101,
       "z" * 300, "a1b2c3", "1,000,000.00", "http://example.org/v?id=Q_1&t=3.5s", "<b>bold</b>", "{json: [1, 2]}", "a^2+b^2=c^2", "`code` | ~", "\u20ac21 \u00a35", "\u00bd \u00b2 \u2460 \u216b",
       "\ufb01ne \uff21\uff22\uff23", "I'm you're we've he'd they'll", "WON'T DON'T", "e-mail_address", "\u3000wide\u3000", "\u2028sep\u2029", "[MASK]", "[SEP] x [CLS]", "[sep]",
       "<s> literal </s>", "<|endoftext|>", "a\u0300\u0301\u0302", "\u0300", "\U00020000\U0002f800", "\u0085next", "\u000bvertical\u000c", "\ue000private", "\u061carabic mark"]


def sentences(count, seed):
    rng = random.Random(seed)
    made = ["", " ", "  \n ", *ODD]
    while len(made) < count:
        text = f"{rng.choice(WHO)} {rng.choice(DOES)} {rng.choice(WHAT)} {rng.choice(WHEN)}"
        roll = rng.random()
        if roll < 0.3:
            text = text.capitalize() + rng.choice([".", "?", "!!!", " ...", ";"])
        elif roll < 0.75:
            text = rng.choice(["{0} {1}", "{1}{0}", "{1}, {0}.", "{0}\n{1}", "  {0}  {1} "]).format(text, rng.choice(ODD))
        elif roll < 0.85:
            text = "".join(c.upper() if rng.random() < 0.4 else c for c in text)
        elif roll < 0.95:
            places = ["!?.,;:'\"()[]{}<>@#$%^&*-_=+|\\/~`", "\u00bf\u00a1\u00a7\u00b6\u2020\u2022\u2116\u00a9", "\u00e4\u00f6\u00fc\u00df\u00f1\u0142\u0159\u015f", "\u5c71\u5ddd\u4eba\u30a2\u3042",
                      "\U0001f600\U0001f680\u2764\ufe0f", "\t\r\n\u00a0\u2003", "\u0001\u007f\u200e\u00ad"]
            text += " " + "".join(rng.choice(rng.choice(places)) for _ in range(12))
        made.append(text)
    return made


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n", encoding="utf-8")


def wordpiece():
    lines = (HERE / "minilm_vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    made = Tokenizer(models.WordPiece({token: i for i, token in enumerate(lines)}, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 101), ("[SEP]", 102)])
    texts = sentences(1000, 7)
    ids = [made.encode(text).ids for text in texts]
    write("wordpiece_references.json", {"texts": texts, "ids": ids, "decoded": [made.decode(one) for one in ids[:200]]})


def byte_level():
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=True)
    made.train_from_iterator(sentences(1500, 1), trainers.BpeTrainer(
        vocab_size=800, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return json.loads(made.to_str())


def metaspace():
    made = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    plain = [text for text in sentences(1500, 2) if text.isascii()]
    made.train_from_iterator(plain, trainers.BpeTrainer(vocab_size=544, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False))
    file = json.loads(made.to_str())
    tokens = sorted(file["model"]["vocab"], key=file["model"]["vocab"].get)
    tokens = tokens[:3] + [f"<0x{byte:02X}>" for byte in range(256)] + tokens[3:]
    file["model"]["vocab"] = {token: i for i, token in enumerate(tokens)}
    file["model"]["merges"] = [" ".join(pair) for pair in file["model"]["merges"]]  # the older form
    file["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "\u2581"},
                                                              {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
    file["pre_tokenizer"] = None
    file["post_processor"] = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                              "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                              "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
    file["decoder"] = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"},
                                                        {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
    return file


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def variants(byte_file, meta_file):
    """(name, base, top-level parts to put in place of the base's)"""
    yield "as trained", "bytes", {}
    yield "as trained", "metaspace", {}
    bytes_after = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}

    def split(pattern, behaviour, invert=False):
        return {"type": "Split", "pattern": pattern, "behavior": behaviour, "invert": invert}

    def then(*parts):
        return {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [*parts, bytes_after]}}

    yield "the pattern of large models", "bytes", then(split({"Regex": LLAMA3}, "Isolated"))
    model = copy.deepcopy(byte_file["model"])
    model["ignore_merges"] = True
    yield "whole words skip the merges", "bytes", {"model": {"ignore_merges": True, "merges": model["merges"][::2]}}
    yield "blank in front", "bytes", {"pre_tokenizer": {**bytes_after, "add_prefix_space": True, "use_regex": True}}
    yield "no pattern", "bytes", {"pre_tokenizer": bytes_after}
    for behaviour in ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]:
        yield behaviour, "bytes", then(split({"Regex": r"\s|[aeiou]"}, behaviour))
        yield behaviour + " inverted", "bytes", then(split({"Regex": r"\w+"}, behaviour, True))
        yield behaviour + " at a text", "bytes", then(split({"String": "a"}, behaviour))
    yield "single digits", "bytes", then({"type": "Digits", "individual_digits": True})
    yield "runs of digits", "bytes", then({"type": "Digits", "individual_digits": False})
    yield "words and signs", "bytes", then({"type": "Whitespace"})
    for form in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase"]:
        yield form, "bytes", {"normalizer": {"type": form}}
    yield "normalisers by turns", "bytes", {"normalizer": {"type": "Sequence", "normalizers": [
        {"type": "NFKC"}, {"type": "Lowercase"}, {"type": "Replace", "pattern": {"String": "the"}, "content": "THE"}, {"type": "Prepend", "prepend": "~"}]}}
    for scheme in ["first", "always", "never"]:
        for cut in [True, False]:
            space = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": cut}
            yield f"{scheme}, {'cut' if cut else 'whole'}", "metaspace", {"normalizer": None, "pre_tokenizer": space, "decoder": space}
    yield "no byte tokens", "metaspace", {"model": {"byte_fallback": False}}
    yield "unknown ones apart", "metaspace", {"model": {"byte_fallback": False, "fuse_unk": False}}
    yield "unknown ones left out", "metaspace", {"model": {"byte_fallback": False, "unk_token": None}}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    added = [{"content": "the", **flags, "single_word": True}, {"content": "a man", **flags, "lstrip": True}, {"content": "eggs", **flags, "rstrip": True},
             {"content": "is", **flags, "normalized": True}, {"content": "is washing", **flags, "special": True, "lstrip": True, "rstrip": True}]
    for base, file in [("bytes", byte_file), ("metaspace", meta_file)]:
        vocabulary = dict(file["model"]["vocab"])
        mine = [{"id": vocabulary.setdefault(token["content"], len(vocabulary)), **token} for token in added]
        yield "added tokens", base, {"added_tokens": file["added_tokens"] + mine}


def bpe():
    files = {"bytes": byte_level(), "metaspace": metaspace()}
    texts = sentences(300, 3)
    few = list(range(len(ODD) + 3)) + list(range(100, 140))
    cases = []
    for name, base, parts in variants(files["bytes"], files["metaspace"]):
        file = copy.deepcopy(files[base])
        for key, value in parts.items():
            if key == "model":
                file["model"].update(value)
            else:
                file[key] = value
        made = Tokenizer.from_str(json.dumps(file))
        chosen = list(range(len(texts))) if not parts else few
        ids = [made.encode(texts[i]).ids for i in chosen]
        cases.append({"name": name, "base": base, "parts": parts, "texts": chosen, "ids": ids, "decoded": [made.decode(one) for one in ids] if not parts or "decoder" in parts else []})
    write("bpe_bytes.json", files["bytes"])
    write("bpe_metaspace.json", files["metaspace"])
    write("bpe_references.json", {"texts": texts, "cases": cases})


LLAMA2 = """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}\
{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}\
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}\
{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}\
{% else %}{% set content = message['content'] %}{% endif %}\
{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}\
{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"""
ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
"""
CHATML = """{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}
{%- for message in messages -%}
    {{ '<|im_start|>' ~ message.role ~ '\\n' ~ message.content | trim ~ '<|im_end|>\\n' }}
{%- endfor -%}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
SPACES = """  first {# a comment
  over lines #}
   {% set a = 1 %}  {# at its own line #}
text {% if a == 1 %} inline {%- endif %}

  {%- set b = [1, 'two', "th\\u00e9e", none, true, messages[0]] -%}
  {{ b | tojson }}
	{%+ if true %}kept{% endif +%}
{% for x in b[1:3] %}
  {{ loop.index }}/{{ loop.index0 }} {{ x }}{{ ',' if not loop.last }}
{% endfor %}
end

"""
OPERATORS = """{{ 1 + 2 * 3 - 4 }}|{{ -7 % 3 }}|{{ 7 // -2 }}|{{ 'a' ~ 1 ~ true ~ none }}|{{ 'b' < 'c' }}|{{ 1 < 2 < 3 }}|{{ 3 >= 3 and 2 != 3 }}|{{ 'x' in 'xyz' }}|
{{- 'q' not in 'xyz' }}|{{ 'role' in messages[0] }}|{{ 2 in [1, 2] }}|{{ nothing is defined }}|{{ messages is defined }}|{{ not nothing is not defined }}|
{{- messages[0].nothing is not defined }}|{{ nothing }}|{{ '' or 'other' }}|{{ 'one' and 'two' }}|{{ 'yes' if messages else 'no' }}|{{ 'no' if false }}|
{{- messages[-1]['role'] }}|{{ messages[:-1] | tojson }}|{{ 'hello'[1:3] }}|{{ 'h\\u00e9llo'[1] }}|{{ "it's" 'joined' }}|{{ '\\t\\x41\\q' }}|{{ (1 == true) }}|{{ ([1] + [2]) | tojson }}|
{{- ('  a ' | trim) + '  b '.strip() }}|{{ not false and not (true and false) }}|{{ {0} }}""".replace("|{{ {0} }}", "")
LOOPS = """{% set kept = 'outside' %}{% for m in messages %}{% set kept = 'inside' %}{% for c in m.role %}{{ loop.index }}{{ c }}{{ '.' if loop.last else '-' }}{% endfor %}
{%- if loop.first %}(first){% elif loop.last %}(last){% else %}(between){% endif %}{{ kept }};{% endfor %}{{ kept }}{% for x in nothing %}never{% endfor %}{% if true %}{% set kept = 'if' %}{% endif %}{{ kept }}"""


def templates():
    from transformers.utils.chat_template_utils import _compile_jinja_template
    talks = [[("user", "What happens?")], [("system", "Be brief."), ("user", "  What happens?\n")],
             [("system", "S \u00e9 \"q\" </s>"), ("user", "One {{ x }}"), ("assistant", " A dog\njumps. "), ("user", "Two \U0001f600")],
             [("user", "a"), ("user", "b")], [("user", "")]]
    cases = []
    for name, source in [("LLaMA-2", LLAMA2), ("zephyr", ZEPHYR), ("ChatML", CHATML), ("white space", SPACES),
                         ("operators", OPERATORS), ("loops", LOOPS)]:
        compiled = _compile_jinja_template(source)
        for talk in talks:
            for prompt in [True, False]:
                messages = [{"role": role, "content": content} for role, content in talk]
                case = {"name": name, "source": source, "messages": messages, "add_generation_prompt": prompt}
                try:
                    case["text"] = compiled.render(messages=messages, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>")
                except Exception as error:
                    case["error"] = str(error)
                cases.append(case)
    write("template_references.json", cases)


if __name__ == "__main__":
    templates()
    wordpiece()
    bpe()
