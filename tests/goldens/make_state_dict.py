#!/usr/bin/env python3
"""A state_dict as PyTorch and its safetensors write it, without anything of ours.

Run:     python3 make_state_dict.py LSTM state_dict.safetensors    (needs torch and safetensors)
         python3 make_state_dict.py GRU gru_state_dict.safetensors

An LSTM or a GRU of 2 inputs and 3 units with a dense head of 2 outputs. The tensors, in the order of
net.state_dict(), hold 0, 1, 2, ... on end, divided by 8: exact in single precision.
"""

import sys

import torch
from safetensors.torch import save_file


def main():
    module = getattr(torch.nn, sys.argv[1])
    net = torch.nn.ModuleDict({"rnn": module(2, 3), "head": torch.nn.Linear(3, 2)})
    first = 0
    with torch.no_grad():
        for parameter in net.state_dict().values():
            count = parameter.numel()
            parameter.copy_(torch.arange(first, first + count).reshape(parameter.shape) / 8)
            first += count
    save_file(net.state_dict(), sys.argv[2], {"format": "pt"})


if __name__ == "__main__":
    main()
