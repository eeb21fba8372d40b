#!/usr/bin/env python3
"""Golden outputs of whole networks in PyTorch, in double precision: the loss and its gradients.

Run:     python3 make_network.py > network.txt      (needs torch; the result is kept beside this file)
Format:  golden.py

Tensors have the names of our files (docs/model-format.md). Each case NET holds its weights by those
names, NET.loss, the gradient NET.d_NAME of each weight, and
    bidirectional   two bidirectional LSTM layers under a head; NET.x [T, B, I], NET.target, NET.output
                    [T, B, O]; squared error, mean over all numbers
    residual        three GRU layers of 5, 5 and 7 units under a head; what goes into the second is
                    added to what comes out of it; one learned initial state for each layer,
                    initial.h_lK [H], the same for every row; the rest as above
    tied            embedding.weight [V, D], an LSTM layer of D units with learned initial states
                    initial.h_l0, initial.c_l0 [H], and logits embedding.weight h + head.bias;
                    NET.ids [T, B]; NET.target [T, B], -1 where the step does not count; NET.output
                    [T, B, V]: the logits; softmax cross-entropy, mean over the steps that count
"""

import torch
import torch.nn.functional as F

from golden import given, write

T, B = 5, 3


def draw(module, scale=0.4):
    for parameter in module.parameters():
        parameter.data = given(*parameter.shape, scale=scale)
    return module


def under(prefix, module):
    return {f"{prefix}.{name}": parameter for name, parameter in module.named_parameters()}


def learned(*extents):
    return torch.nn.Parameter(given(*extents, scale=0.5))


def every_row(state):
    """[H] -> [1, B, H]"""
    return state.expand(1, B, -1).contiguous()


def bidirectional():
    rnn = draw(torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True))
    head = draw(torch.nn.Linear(8, 2))
    x, target = given(T, B, 3), given(T, B, 2)
    output = head(rnn(x)[0])
    weights = {**under("rnn", rnn), **under("head", head)}
    return weights, {"x": x, "target": target}, output, F.mse_loss(output, target)


def residual():
    sizes = [3, 5, 5, 7]
    layers = [draw(torch.nn.GRU(i, h)) for i, h in zip(sizes, sizes[1:])]
    head = draw(torch.nn.Linear(sizes[-1], 2))
    x, target = given(T, B, sizes[0]), given(T, B, 2)
    weights, flow = under("head", head), x
    for k, layer in enumerate(layers):
        initial = learned(sizes[k + 1])
        weights.update({name.replace("_l0", f"_l{k}"): parameter
                        for name, parameter in under("rnn", layer).items()})
        weights[f"initial.h_l{k}"] = initial
        out = layer(flow, every_row(initial))[0]
        flow = flow + out if k == 1 else out
    output = head(flow)
    return weights, {"x": x, "target": target}, output, F.mse_loss(output, target)


def tied():
    V, D = 11, 6
    embedding, rnn = draw(torch.nn.Embedding(V, D)), draw(torch.nn.LSTM(D, D))
    h, c, bias = learned(D), learned(D), learned(V)
    ids, target = torch.randint(0, V, (T, B)), torch.randint(0, V, (T, B))
    target[:2, 1] = -1
    state = (every_row(h), every_row(c))
    output = rnn(embedding(ids), state)[0] @ embedding.weight.T + bias
    loss = F.cross_entropy(output.reshape(-1, V), target.flatten(), ignore_index=-1)
    weights = {**under("embedding", embedding), **under("rnn", rnn), "head.bias": bias,
               "initial.h_l0": h, "initial.c_l0": c}
    return weights, {"ids": ids, "target": target}, output, loss


def main():
    torch.set_default_dtype(torch.float64)
    print(f"# torch.nn of PyTorch {torch.__version__}, float64; written by make_network.py")
    for case in (bidirectional, residual, tied):
        torch.manual_seed(22)
        weights, inputs, output, loss = case()
        loss.backward()
        tensors = {**weights, **inputs, "output": output, "loss": loss}
        tensors.update({f"d_{name}": parameter.grad for name, parameter in weights.items()})
        for name, tensor in tensors.items():
            write(f"{case.__name__}.{name}", tensor)


if __name__ == "__main__":
    main()
