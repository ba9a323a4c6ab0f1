#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tiny random LLaMA models with the logits and greedy continuations that Hugging Face transformers gives for them.

Run in a virtual environment with `pip install torch transformers safetensors`; written with transformers 5.24.0 and torch 2.11.0:
    python make_reference.py            writes the folders beside this file
Each folder: config.json, the weights, and expected.safetensors with, for i = 0, 1, ...,
    ids.i     [T]     int64    a sequence
    logits.i  [T, V]  float32  after each of its tokens
    greedy.i  [n]     int64    what greedy decoding appends to it
"""
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
COMMON = dict(bos_token_id=1, eos_token_id=2, rms_norm_eps=1e-5, attention_dropout=0.0)
# Turns within the original length: 20, 2, 0.2 and 0.02, so one frequency stays, one lies in the passage and two are divided.
LLAMA3 = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=128)


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            p.copy_(1.0 + 0.2 * noise if "norm" in name else (0.5 if "embed" in name else 0.2) * noise)


def expected(model, lengths, vocabulary, new_tokens=12):
    generator = torch.Generator().manual_seed(5)
    tensors = {}
    model.generation_config.eos_token_id = None  # the whole continuation, whatever it holds
    for i, length in enumerate(lengths):
        ids = torch.randint(3, vocabulary, (1, length), generator=generator)
        with torch.no_grad():
            tensors[f"ids.{i}"] = ids[0].clone()
            tensors[f"logits.{i}"] = model(ids).logits[0].float().clone()
            grown = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=new_tokens, do_sample=False, pad_token_id=0)
            tensors[f"greedy.{i}"] = grown[0, length:].clone()
    return tensors


def write(name, model, lengths, half=False, shard="5GB"):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    if half:
        model = model.to(torch.bfloat16)
    model.save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    # Read again, so that the numbers are those of the file in float32 and so are the frequencies of the positions.
    back = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    save_file(expected(back, lengths, back.config.vocab_size), folder / "expected.safetensors")
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder


def old_style(folder, **keys):
    """The config as transformers 4 wrote it: rope_theta and rope_scaling instead of rope_parameters."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config.pop("rope_parameters", None)
    path.write_text(json.dumps(config | keys, indent=2, sort_keys=True) + "\n")


def main():
    torch.manual_seed(0)
    shape = dict(vocab_size=97, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
                 max_position_embeddings=128)

    model = LlamaForCausalLM(LlamaConfig(**shape, **COMMON, tie_word_embeddings=True))
    randomise(model, 1)
    old_style(write("tied", model, [1, 7, 13]), rope_theta=10000.0, rope_scaling=None)

    scaled = shape | dict(vocab_size=61, max_position_embeddings=1024)
    model = LlamaForCausalLM(LlamaConfig(**scaled, **COMMON, tie_word_embeddings=False, rope_parameters=LLAMA3, attention_bias=True))
    randomise(model, 2)
    write("llama3", model, [5, 60])

    half = shape | dict(vocab_size=61, hidden_size=24, intermediate_size=40, num_key_value_heads=4)
    model = LlamaForCausalLM(LlamaConfig(**half, **COMMON, tie_word_embeddings=False, mlp_bias=True,
                                         rope_parameters=dict(rope_type="default", rope_theta=1000.0)))
    randomise(model, 3)
    write("sharded", model, [9], half=True, shard="14KB")

    mistral = shape | dict(vocab_size=61, hidden_size=24, intermediate_size=40, num_key_value_heads=1)
    model = MistralForCausalLM(MistralConfig(**mistral, **COMMON, head_dim=8, sliding_window=None, tie_word_embeddings=False,
                                             rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=4.0)))
    randomise(model, 4)
    write("mistral", model, [11])


if __name__ == "__main__":
    main()
