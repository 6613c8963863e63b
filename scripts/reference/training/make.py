"""Values of PyTorch that the losses, optimisers and schedules are tested against.

Run in an environment with requirements.txt: python make.py; writes src/train/fixtures/pytorch-training.json.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

STEPS = 20
ROWS = 5
CLASSES = 4
OUT = Path(__file__).parents[3] / "src/train/fixtures/pytorch-training.json"


def listed(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]


def make_losses():
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(ROWS, CLASSES, generator=generator, dtype=torch.float64) * 2
    logits[0, :2] = 0
    labels = torch.tensor([1, 3, 0, 3, 2])
    weights = torch.tensor([0.5, 2.0, 1.0, 0.25], dtype=torch.float64)
    targets = torch.rand(ROWS, CLASSES, generator=generator, dtype=torch.float64)
    probabilities = targets / targets.sum(1, keepdim=True)

    def focal(gamma, alpha):
        def loss(x):
            log = F.log_softmax(x, 1).gather(1, labels[:, None])[:, 0]
            value = -((1 - log.exp()) ** gamma) * log
            return (value if alpha is None else alpha[labels] * value).mean()

        return loss

    def entropy(**options):
        return lambda x: F.cross_entropy(x, labels, **options)

    cases = {
        "crossEntropy": entropy(),
        "smoothed": entropy(label_smoothing=0.1),
        "weighted": entropy(weight=weights),
        "weightedAndSmoothed": entropy(weight=weights, label_smoothing=0.2),
        "softTargets": lambda x: F.cross_entropy(x, probabilities),
        "focal": focal(2, None),
        "focalWeighted": focal(1.5, weights),
        "binary": lambda x: F.binary_cross_entropy_with_logits(x, targets),
        "binaryWeighted": lambda x: F.binary_cross_entropy_with_logits(
            x, targets, pos_weight=torch.tensor(3.0)
        ),
        "squared": lambda x: F.mse_loss(x, targets),
        "absolute": lambda x: F.l1_loss(x, targets),
        "huber": lambda x: F.huber_loss(x, targets),
        "huberWide": lambda x: F.huber_loss(x, targets, delta=1.5),
    }
    results = {}
    for name, loss in cases.items():
        x = logits.clone().requires_grad_()
        value = loss(x)
        value.backward()
        results[name] = {"loss": value.item(), "gradient": listed(x.grad)}
    return {
        "logits": listed(logits),
        "labels": labels.tolist(),
        "classWeights": listed(weights),
        "targets": listed(targets),
        "probabilities": listed(probabilities),
        "cases": results,
    }


def make_optimisers():
    """Parameters and gradients are float32; the gradient at a step is a fixed function of the parameters."""
    cases = {
        "sgd": (torch.optim.SGD, dict(lr=0.1)),
        "sgdDecay": (torch.optim.SGD, dict(lr=0.1, weight_decay=0.05)),
        "momentum": (torch.optim.SGD, dict(lr=0.05, momentum=0.9)),
        "nesterov": (torch.optim.SGD, dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01)),
        "adam": (torch.optim.Adam, dict(lr=0.05)),
        "adamBetas": (torch.optim.Adam, dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4)),
        "adamW": (torch.optim.AdamW, dict(lr=0.05, weight_decay=0.1)),
    }
    start = [0.5, -1.25, 2.0, 0.01, -0.3, 0.0]
    results = {}
    for name, (kind, options) in cases.items():
        parameter = nn.Parameter(torch.tensor(start))
        optimiser = kind([parameter], **options)
        trajectory = []
        for step in range(STEPS):
            with torch.no_grad():
                parameter.grad = gradient_of(parameter, step)
            optimiser.step()
            trajectory.append(listed(parameter))
        results[name] = trajectory
    clipped = []
    for limit in (0.5, 100.0):
        parameter = nn.Parameter(torch.tensor(start))
        parameter.grad = gradient_of(parameter, 0)
        norm = nn.utils.clip_grad_norm_([parameter], limit)
        clipped.append({"limit": limit, "norm": norm.item(), "gradient": listed(parameter.grad)})
    return {"start": start, "trajectories": results, "clipped": clipped}


def gradient_of(parameter, step):
    index = torch.arange(parameter.numel())
    return (parameter - 0.25 * index + 0.5 * torch.sin(1.0 * index + step)).detach()


def make_networks():
    """A whole training: a small convolutional network with normalisation, 20 steps of Adam."""
    torch.manual_seed(3)
    x = torch.randn(6, 2, 6, 5)
    labels = torch.tensor([0, 2, 1, 2, 0, 1])
    network = nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(3, eps=1e-3, momentum=0.1),
        nn.ReLU(),
        nn.Conv2d(3, 3, 3, padding=1, groups=3),
        nn.Hardswish(),
        nn.MaxPool2d(3, 2, 1),
        nn.Flatten(),
        nn.Linear(12, 5),
        nn.LayerNorm(5),
        nn.GELU(),
        nn.Linear(5, 3),
    )
    start = {name: listed(value) for name, value in network.named_parameters()}
    shapes = {name: list(value.shape) for name, value in network.named_parameters()}
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = F.cross_entropy(network(x), labels, label_smoothing=0.1)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    end = {name: listed(value) for name, value in network.named_parameters()}
    return {
        "x": listed(x),
        "labels": labels.tolist(),
        "shapes": shapes,
        "start": start,
        "losses": losses,
        "end": end,
        "mean": listed(network[1].running_mean),
    }


def make_schedules():
    def rates(make, steps=12):
        optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
        schedule = make(optimiser)
        values = []
        for _ in range(steps):
            values.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        return values

    rule = torch.optim.lr_scheduler
    values = [1.0, 0.9, 0.95, 0.91, 0.8, 0.8, 0.81, 0.8, 0.79, 0.9, 0.9, 0.9, 0.9, 0.9]
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    # Keras waits `patience` epochs, PyTorch one more.
    plateau = rule.ReduceLROnPlateau(
        optimiser, factor=0.2, patience=1, threshold=0.05, threshold_mode="abs", min_lr=0.01
    )
    reduced = []
    for value in values:
        plateau.step(value)
        reduced.append(optimiser.param_groups[0]["lr"])
    return {
        "cosine": rates(lambda o: rule.CosineAnnealingLR(o, T_max=11, eta_min=0.05)),
        "stepDecay": rates(lambda o: rule.StepLR(o, step_size=4, gamma=0.3)),
        "plateau": {"values": values, "rates": reduced},
    }


fixture = {
    "torch": torch.__version__.split("+")[0],
    "losses": make_losses(),
    "optimisers": make_optimisers(),
    "network": make_networks(),
    "schedules": make_schedules(),
}
OUT.write_text(json.dumps(fixture) + "\n")
print(OUT, OUT.stat().st_size)
