"""Writes the fixtures of src/importers/pytorch: a small checkpoint in PyTorch's legacy format, made by PyTorch, and its
values as JSON. Run: python make.py"""

import json
from collections import OrderedDict
from pathlib import Path

import torch

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/pytorch/fixtures"


def main() -> None:
    torch.manual_seed(42)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    state = OrderedDict(
        {
            "layer.weight": torch.nn.Parameter(torch.randn(3, 2)),
            "layer.bias": torch.randn(3),
            "transposed": base.t(),
            "slice": base[1:, 1::2],
            "double": torch.randn(2, dtype=torch.float64),
            "half": torch.randn(5).half(),
            "bfloat16": torch.randn(5).bfloat16(),
            "long": torch.tensor([1, -(2**62)]),
            "int": torch.tensor([[7], [-8]], dtype=torch.int32),
            "bool": torch.tensor([True, False, True]),
            "scalar": torch.tensor(2.5),
            "empty": torch.empty(0, 3),
        }
    )
    state._metadata = OrderedDict({"": {"version": 1}})
    FIXTURES.mkdir(parents=True, exist_ok=True)
    torch.save(state, FIXTURES / "legacy.pth", _use_new_zipfile_serialization=False)
    values = {
        name: {
            "dims": list(tensor.shape),
            "values": [str(v) if tensor.dtype == torch.int64 else v for v in tensor.flatten().tolist()],
        }
        for name, tensor in state.items()
    }
    (FIXTURES / "legacy.json").write_text(json.dumps(values, indent=1) + "\n")


main()
