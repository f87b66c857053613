"""To the byte, for models of Hugging Face's transformers, randomly initialised."""

# ruff: noqa: E501  (cells)

from __future__ import annotations

import pytest

from .notebook import Notebook, by_owner

SETUP = """
import torch, transformers
torch.manual_seed(0)
"""

MODELS = {
    "gpt2": """
config = transformers.GPT2Config(n_layer=2, n_head=2, n_embd=16, n_positions=16, vocab_size=50)
model = transformers.GPT2LMHeadModel(config).to(device)
""",
    "llama": """
config = transformers.LlamaConfig(num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, hidden_size=16, intermediate_size=24, max_position_embeddings=16, vocab_size=50)
model = transformers.LlamaForCausalLM(config).to(device)
""",
}
TRAIN = """
model.train()
ids = torch.randint(0, 50, (2, 8)).to(device)
optimizer = torch.optim.AdamW(model.parameters())
def step():
    optimizer.zero_grad()
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
step()
output = model(input_ids=ids, labels=ids)
"""
#: The forward in half precision, the weights in single: what ``autocast`` does, by hand where
#: the device has none.
HALF = """
import copy
half = copy.deepcopy(model).to(torch.bfloat16)
output = half(input_ids=ids, labels=ids)
(output.loss * 1024).backward()
for p, h in zip(model.parameters(), half.parameters()): p.grad = h.grad.float() / 1024
optimizer.step()
output = half(input_ids=ids, labels=ids)
del p, h
"""
CHECKPOINTED = """
model.gradient_checkpointing_enable()
step()
output = model(input_ids=ids, labels=ids)
"""
GENERATED = """
model.eval()
tokens = model.generate(ids, max_new_tokens=3, do_sample=False, pad_token_id=0)
with torch.no_grad(): cached = model(input_ids=ids, use_cache=True)
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", MODELS)
def test_training(notebook: Notebook, model: str) -> None:
    notebook.run(SETUP + MODELS[model])
    found = by_owner(notebook.assert_exact())
    size = notebook.names["model"].get_memory_footprint(return_buffers=False)
    assert found["parameter"] == size or notebook.device.startswith("cuda")
    notebook.run(TRAIN)
    found = by_owner(notebook.assert_exact())
    assert found["optimizer"] >= 2 * size
    assert found["gradient"] >= size
    assert found["graph"] > 0
    assert "unreachable" not in found
    for more in (HALF, CHECKPOINTED, GENERATED):
        notebook.run(more)
        notebook.assert_exact()


AUTOCAST = """
def step():
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = model(input_ids=ids, labels=ids).loss
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
scaler = torch.amp.GradScaler("cpu")
step()
with torch.autocast("cpu", dtype=torch.bfloat16): output = model(input_ids=ids, labels=ids)
"""


@pytest.mark.filterwarnings("ignore")
def test_autocast(host: Notebook) -> None:
    host.run(SETUP + MODELS["llama"] + TRAIN)
    host.assert_exact()
    host.run(AUTOCAST)
    found = by_owner(host.assert_exact())
    assert found["graph"] > 0
