"""What the scripts that make goldens share: given numbers, and the format.

Format:  lines beginning with '#' are comments; otherwise, separated by any white space,
             NAME RANK EXTENT_0 ... EXTENT_{RANK-1}  NUMBER NUMBER ...
         with as many numbers as the extents multiply to, the last extent running fastest.
         tests/support/golden.h reads it.
"""

import torch


def given(*extents, scale=1.0):
    """Normal numbers, rounded to 1/64: exact in float as well, and short to write."""
    return torch.round(scale * torch.randn(*extents) * 64) / 64 + 0.0  # no -0


def shortest(number):
    """The fewest digits that are read back as the same double."""
    return next(text for text in (f"{number:.{n}g}" for n in (15, 16, 17)) if float(text) == number)


def write(name, tensor):
    print(name, tensor.dim(), *tensor.shape)
    numbers = tensor.detach().flatten().tolist()
    for first in range(0, len(numbers), 8):
        print(*(shortest(number) for number in numbers[first : first + 8]))
