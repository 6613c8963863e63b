"""Writes the fixtures of src/importers/pytorch: small checkpoints in each format that PyTorch and safetensors write, and
their values as JSON. Run: python make.py"""

import json
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/pytorch/fixtures"


def main() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    state = every_type()
    torch.save(state, FIXTURES / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(state, FIXTURES / "zip.pt")
    (FIXTURES / "legacy.json").write_text(json.dumps(values_of(state), indent=1) + "\n")
    swap_bytes(FIXTURES / "zip.pt", FIXTURES / "big-endian.pt")
    nested(FIXTURES / "nested.pt")
    torch.save(torch.nn.Linear(2, 1), FIXTURES / "whole-model.pt")
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), FIXTURES / "torchscript.pt")
    save_file({"float8": torch.ones(4).to(torch.float8_e4m3fn)}, FIXTURES / "float8.safetensors")
    save_file(halves(state), FIXTURES / "halves.safetensors")
    network(OrderedDict(tiny_lite()))


def every_type() -> OrderedDict:
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
    return state


def values_of(state: dict) -> dict:
    return {
        name: {
            "dims": list(tensor.shape),
            "values": [str(v) if tensor.dtype == torch.int64 else v for v in tensor.flatten().tolist()],
        }
        for name, tensor in state.items()
    }


def halves(state: dict) -> dict:
    return {name: state[name] for name in ("half", "bfloat16", "double", "long", "bool", "empty")}


def swap_bytes(source: Path, target: Path) -> None:
    """The same checkpoint as a big-endian machine writes it; torch.load must read it alike."""
    state = torch.load(source)
    sizes = {}
    for tensor in state.values():
        storage = tensor.untyped_storage()
        sizes.setdefault(storage.data_ptr(), tensor.element_size())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        order = iter(sizes.values())
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("/byteorder"):
                data = b"big"
            elif "/data/" in info.filename and len(data) > 0:
                size = next(order)
                data = np.frombuffer(data, f"V{size}")
                data = b"".join(bytes(element)[::-1] for element in data)
            new.writestr(zipfile.ZipInfo(info.filename), data)
    swapped = torch.load(target)
    for name, tensor in state.items():
        assert torch.equal(tensor, swapped[name]), name


def nested(path: Path) -> None:
    """As training scripts write it: a network of several devices, its optimiser, numbers and words."""
    torch.manual_seed(1)
    layer = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    state = layer.state_dict()
    checkpoint = {
        "epoch": 7,
        "arch": "linear",
        "best": np.float64(0.75),
        "device": torch.device("cpu"),
        "dtype": torch.float16,
        "size": torch.Size([3, 2]),
        "optimizer": optimizer.state_dict(),
        "state_dict": OrderedDict({f"module.{name}": tensor for name, tensor in state.items()}),
    }
    checkpoint["state_dict"]["module.tied"] = checkpoint["state_dict"]["module.weight"][1]
    torch.save(checkpoint, path)
    path.with_suffix(".json").write_text(
        json.dumps(values_of({**state, "tied": state["weight"][1]}), indent=1) + "\n"
    )


def tiny_lite():
    """EfficientNet-Lite's tensors with few channels."""
    torch.manual_seed(3)

    def norm(name: str, channels: int):
        for part, low in (("weight", 0.5), ("bias", -0.5), ("running_mean", -0.5), ("running_var", 0.5)):
            yield f"{name}.{part}", low + torch.rand(channels)
        yield f"{name}.num_batches_tracked", torch.tensor(9)

    def layer(name: str, of: str, dims: tuple):
        yield f"{name}.weight", torch.rand(dims) - 0.5
        yield from norm(of, dims[0])

    yield from layer("_conv_stem", "_bn0", (2, 3, 3, 3))
    channels = 2
    for index, out in enumerate((3, 2, 3, 4, 3, 4, 3)):
        block = f"_blocks.{index}"
        inner = channels if index == 0 else channels * 2
        if index > 0:
            yield from layer(f"{block}._expand_conv", f"{block}._bn0", (inner, channels, 1, 1))
        kernel = 5 if index % 2 else 3
        yield from layer(f"{block}._depthwise_conv", f"{block}._bn1", (inner, 1, kernel, kernel))
        yield from layer(f"{block}._project_conv", f"{block}._bn2", (out, inner, 1, 1))
        channels = out
    yield from layer("_conv_head", "_bn1", (8, channels, 1, 1))
    yield "_fc.weight", torch.rand(4, 8) - 0.5
    yield "_fc.bias", torch.rand(4) - 0.5


def network(state: OrderedDict) -> None:
    torch.save(state, FIXTURES / "tiny-lite.pth", _use_new_zipfile_serialization=False)
    wrapped = {f"module.{name}": tensor for name, tensor in state.items()}
    torch.save({"epoch": 3, "state_dict": wrapped}, FIXTURES / "tiny-lite.pt")
    save_file(state, FIXTURES / "tiny-lite.safetensors", metadata={"format": "pt"})


main()
