#!/usr/bin/env python3
"""Golden values and gradients of PyTorch's losses, in double precision.

Run:     python3 make_losses.py > losses.txt        (needs torch; the result is kept beside this file)
Format:  that of make_recurrent.py.

Each loss LOSS (squared, absolute, huber, quantile, gaussian, softmax, binary) has outputs for 4 steps
of 3 rows with 2 targets each, K outputs a target (their targets side by side), all numbers exact in
float:
    LOSS.outputs [4, 3, 2 K], LOSS.target, LOSS.mask [4, 3, 2]          what goes in
    LOSS.sum, LOSS.mean                                                  each of rank 0
    LOSS.d_sum, LOSS.d_mean [4, 3, 2 K]                                  their gradients by the outputs
    huber.delta, gaussian.floor, softmax.classes (rank 0), quantile.quantiles [3]
The mean is over what counts. PyTorch has no quantile loss; it is written out in its operations. The
scale of a normal distribution is floor + softplus(r), and its square goes to GaussianNLLLoss.
"""

import torch
from torch.nn import functional

from make_recurrent import given, write

T, B, TARGETS = 4, 3, 2
DELTA, FLOOR, CLASSES = 0.75, 0.125, 5
QUANTILES = torch.tensor([0.125, 0.5, 0.875])


def squared(o, y):
    return functional.mse_loss(o[..., 0], y, reduction="none")


def absolute(o, y):
    return functional.l1_loss(o[..., 0], y, reduction="none")


def huber(o, y):
    return functional.huber_loss(o[..., 0], y, reduction="none", delta=DELTA)


def quantile(o, y):
    off = y[..., None] - o
    return torch.maximum(QUANTILES * off, (QUANTILES - 1) * off).sum(-1)


def gaussian(o, y):
    sigma = FLOOR + functional.softplus(o[..., 1], threshold=1e9)
    return functional.gaussian_nll_loss(o[..., 0], y, sigma**2, full=True, eps=1e-300,
                                        reduction="none")


def softmax(o, y):
    each = functional.cross_entropy(o.reshape(-1, CLASSES), y.reshape(-1).long(), reduction="none")
    return each.reshape(y.shape)


def binary(o, y):
    return functional.binary_cross_entropy_with_logits(o[..., 0], y, reduction="none")


def main():
    torch.set_default_dtype(torch.float64)
    global QUANTILES
    QUANTILES = QUANTILES.double()
    torch.manual_seed(22)
    print(f"# Losses of PyTorch {torch.__version__}, float64; written by make_losses.py")
    for name, value in {"huber.delta": DELTA, "gaussian.floor": FLOOR,
                        "softmax.classes": CLASSES}.items():
        write(name, torch.tensor(float(value)))
    write("quantile.quantiles", QUANTILES)
    outputs_per_target = {squared: 1, absolute: 1, huber: 1, quantile: 3, gaussian: 2,
                          softmax: CLASSES, binary: 1}
    for loss, K in outputs_per_target.items():
        name = loss.__name__
        outputs = given(T, B, TARGETS, K, scale=2.0).requires_grad_()
        target = given(T, B, TARGETS)
        if loss is softmax:
            target = torch.randint(CLASSES, (T, B, TARGETS)).double()
        if loss is binary:  # certain and uncertain ones
            target = torch.randint(5, (T, B, TARGETS)).double() / 4
        mask = (torch.rand(T, B, TARGETS) < 0.7).double()
        write(f"{name}.outputs", outputs.reshape(T, B, TARGETS * K))
        write(f"{name}.target", target)
        write(f"{name}.mask", mask)
        for reduction, divisor in (("sum", 1.0), ("mean", mask.sum())):
            error = (loss(outputs, target) * mask).sum() / divisor
            (gradient,) = torch.autograd.grad(error, outputs)
            write(f"{name}.{reduction}", error)
            write(f"{name}.d_{reduction}", gradient.reshape(T, B, TARGETS * K))


if __name__ == "__main__":
    main()
