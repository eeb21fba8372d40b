#!/usr/bin/env python3
"""Golden outputs of torch.nn.LSTM, in double precision: forward, and gradients through time.

Run:     python3 make_lstm.py > lstm.txt        (needs torch; the result is kept beside this file)
Format:  lines beginning with '#' are comments; otherwise, separated by any white space,
             NAME RANK EXTENT_0 ... EXTENT_{RANK-1}  NUMBER NUMBER ...
         with as many numbers as the extents multiply to, the last extent running fastest.
         tests/support/golden.h reads it.

Each case CASE holds, under PyTorch's names and layouts (gates in the order i, f, g, o),
    CASE.x [T, B, I], CASE.h_0, CASE.c_0 [layers, B, H]                       what goes in
    CASE.weight_ih_lK [4H, I or H], .weight_hh_lK [4H, H], .bias_ih_lK, .bias_hh_lK [4H]
    CASE.y [T, B, H], CASE.h_n, CASE.c_n [layers, B, H]                       what comes out
    CASE.d_y, CASE.d_h_n, CASE.d_c_n                                          the error, given
    CASE.d_NAME for x, h_0, c_0 and every weight and bias                     its gradients
of E = sum(d_y * y) + sum(d_h_n * h_n) + sum(d_c_n * c_n).
What is given is a multiple of 1/64: exact in float as well, and short to write.
"""

import torch

CASES = [  # name, T, B, I, H, layers
    ("odd", 7, 5, 3, 19, 1),
    ("wide", 10, 2, 4, 33, 1),
    ("one", 1, 1, 1, 1, 1),
    ("stack", 6, 3, 2, 8, 2),
]


def given(*extents, scale=1.0):
    """Normal numbers, rounded to 1/64."""
    return torch.round(scale * torch.randn(*extents) * 64) / 64 + 0.0  # no -0


def write(name, tensor):
    print(name, tensor.dim(), *tensor.shape)
    numbers = tensor.detach().flatten().tolist()
    for first in range(0, len(numbers), 8):
        print(*("%.17g" % number for number in numbers[first : first + 8]))


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(20)
    print(f"# torch.nn.LSTM of PyTorch {torch.__version__}, float64; written by make_lstm.py")
    for case, T, B, I, H, layers in CASES:
        lstm = torch.nn.LSTM(I, H, num_layers=layers)
        for parameter in lstm.parameters():
            parameter.data = given(*parameter.shape, scale=0.5)
        inputs = {"x": given(T, B, I), "h_0": given(layers, B, H), "c_0": given(layers, B, H)}
        leaves = dict(lstm.named_parameters())
        leaves.update({name: tensor.requires_grad_() for name, tensor in inputs.items()})

        y, (h_n, c_n) = lstm(inputs["x"], (inputs["h_0"], inputs["c_0"]))
        outputs = {"y": y, "h_n": h_n, "c_n": c_n}
        errors = {name: given(*tensor.shape) for name, tensor in outputs.items()}
        sum((errors[name] * outputs[name]).sum() for name in outputs).backward()

        for name, tensor in {**leaves, **outputs}.items():
            write(f"{case}.{name}", tensor)
        for name, tensor in errors.items():
            write(f"{case}.d_{name}", tensor)
        for name, tensor in leaves.items():
            write(f"{case}.d_{name}", tensor.grad)


if __name__ == "__main__":
    main()
