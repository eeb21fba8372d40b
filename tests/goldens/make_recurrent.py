#!/usr/bin/env python3
"""Golden outputs of torch.nn.LSTM, GRU and RNN, in double precision: forward, and gradients through
time.

Run:     python3 make_recurrent.py lstm > lstm.txt      and so for gru and elman
         (needs torch; the result is kept beside this file)
Format:  lines beginning with '#' are comments; otherwise, separated by any white space,
             NAME RANK EXTENT_0 ... EXTENT_{RANK-1}  NUMBER NUMBER ...
         with as many numbers as the extents multiply to, the last extent running fastest.
         tests/support/golden.h reads it.

Each case CASE holds, under PyTorch's names and layouts (G gates: lstm i, f, g, o; gru r, z, n; elman
one), and with c only where the cell is lstm,
    CASE.x [T, B, I], CASE.h_0, CASE.c_0 [layers, B, H]                       what goes in
    CASE.weight_ih_lK [GH, I or H], .weight_hh_lK [GH, H], .bias_ih_lK, .bias_hh_lK [GH]
    CASE.y [T, B, H], CASE.h_n, CASE.c_n [layers, B, H]                       what comes out
    CASE.d_y, CASE.d_h_n, CASE.d_c_n                                          the error, given
    CASE.d_NAME for x, h_0, c_0 and every weight and bias                     its gradients
of E = sum(d_y * y) + sum(d_h_n * h_n) + sum(d_c_n * c_n).
What is given is a multiple of 1/64: exact in float as well, and short to write.
"""

import sys

import torch

CASES = [  # name, T, B, I, H, layers
    ("odd", 7, 5, 3, 19, 1),
    ("wide", 10, 2, 4, 33, 1),
    ("one", 1, 1, 1, 1, 1),
    ("stack", 6, 3, 2, 8, 2),
]
SMALL_CASES = [
    ("odd", 5, 3, 3, 19, 1),
    ("one", 1, 1, 1, 1, 1),
    ("stack", 6, 3, 2, 8, 2),
]
CELLS = {  # module, states, cases
    "lstm": (torch.nn.LSTM, ("h", "c"), CASES),
    "gru": (torch.nn.GRU, ("h",), SMALL_CASES),
    "elman": (torch.nn.RNN, ("h",), SMALL_CASES),
}


def given(*extents, scale=1.0):
    """Normal numbers, rounded to 1/64."""
    return torch.round(scale * torch.randn(*extents) * 64) / 64 + 0.0  # no -0


def write(name, tensor):
    print(name, tensor.dim(), *tensor.shape)
    numbers = tensor.detach().flatten().tolist()
    for first in range(0, len(numbers), 8):
        print(*("%.17g" % number for number in numbers[first : first + 8]))


def main():
    module, letters, cases = CELLS[sys.argv[1]]
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(20)
    print(f"# torch.nn.{module.__name__} of PyTorch {torch.__version__}, float64; "
          "written by make_recurrent.py")
    for case, T, B, I, H, layers in cases:
        rnn = module(I, H, num_layers=layers)
        for parameter in rnn.parameters():
            parameter.data = given(*parameter.shape, scale=0.5)
        inputs = {"x": given(T, B, I)}
        inputs.update({f"{letter}_0": given(layers, B, H) for letter in letters})
        leaves = dict(rnn.named_parameters())
        leaves.update({name: tensor.requires_grad_() for name, tensor in inputs.items()})

        first = tuple(inputs[f"{letter}_0"] for letter in letters)
        y, last = rnn(inputs["x"], first if len(first) > 1 else first[0])
        last = last if len(first) > 1 else (last,)
        outputs = {"y": y, **{f"{letter}_n": state for letter, state in zip(letters, last)}}
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
