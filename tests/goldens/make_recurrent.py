#!/usr/bin/env python3
"""Golden outputs of recurrent cells and their options in PyTorch, in double precision: forward, and
gradients through time.

Run:     python3 make_recurrent.py CELL > CELL.txt      for each of CELLS
         (needs torch; the results are kept beside this file)
Format:  golden.py

torch.nn.LSTM, GRU and RNN (tanh, relu) are asked where they have the case; elsewhere the equations
are written out in PyTorch's operations, and its automatic differentiation gives the gradients.
Where both can be had, this script compares them and stops if they differ.

A case is named SHAPE or SHAPE,OPTION=VALUE,... and holds, under PyTorch's names and layouts (G gates:
lstm i, f, g, o; gru r, z, n; mingru z, h; the others one), K counting layers, with c where the cell
has one,
    CASE.x [T, B, I], CASE.h_0, CASE.c_0 [layers, B, H]                       what goes in
    CASE.weight_ih_lK [GH, I or H], .weight_hh_lK [GH, H], .bias_ih_lK, .bias_hh_lK [GH]
    CASE.weight_peephole_lK [3, H] of i, f, o
    CASE.mask [B, H]                    what h is multiplied with on its way to U, at every step
    CASE.y [T, B, H], CASE.h_n, CASE.c_n [layers, B, H]                       what comes out
    CASE.d_y, CASE.d_h_n, CASE.d_c_n                                          the error, given
    CASE.d_NAME for x, h_0, c_0 and every weight and bias                     its gradients
of E = sum(d_y * y) + sum(d_h_n * h_n) + sum(d_c_n * c_n). Element-wise recurrent (and input) weights
are [H]; what a cell lacks is absent. Where PyTorch is bidirectional, layer 0 is the one forward,
layer 1 (_l0_reverse) the one in reverse, and y [T, B, 2H].
"""

import sys

import torch

from golden import given, write

ACTIVATIONS = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "hard_sigmoid": lambda v: torch.clamp(0.2 * v + 0.5, 0, 1),  # ONNX, Keras 2; not torch's v / 6
    "identity": lambda v: v,
}
KINKS = {"relu": [0.0], "hard_sigmoid": [-2.5, 2.5]}
FROM_KINKS = 1e-3  # nothing may come so near that float falls on the other side


class Options:
    """The functions that a cell's sums go through, and how near they came to a kink."""

    def __init__(self, activation="tanh", gate_activation="sigmoid", output_activation="tanh",
                 clip=0.0, input_forget=0):
        self.names = {"candidate": activation, "gate": gate_activation, "output": output_activation}
        self.clip, self.input_forget = float(clip), int(input_forget)
        self.nearest = float("inf")

    def __call__(self, which, v):
        name = self.names[which]
        for kink in KINKS.get(name, []) + ([-self.clip, self.clip] if self.clip else []):
            self.nearest = min(self.nearest, (v.detach() - kink).abs().min().item())
        return ACTIVATIONS[name](torch.clamp(v, -self.clip, self.clip) if self.clip else v)


# One step: weights w, options act, input x [B, I], state before it (h, or h and c), and `seen`, the
# h that U sees.


def elman(w, act, x, state, seen):
    return (act("candidate", x @ w["weight_ih"].T + w["bias_ih"]
                + seen @ w["weight_hh"].T + w["bias_hh"]),)


def elementwise(w, act, x, state, seen):
    return (act("candidate", x @ w["weight_ih"].T + w["weight_hh"] * state[0] + w["bias_ih"]),)


def elementwise_input(w, act, x, state, seen):
    return (act("candidate", w["weight_ih"] * x + w["weight_hh"] * state[0] + w["bias_ih"]),)


def lstm(w, act, x, state, seen):
    h, c = state
    p_i, p_f, p_o = w.get("weight_peephole", torch.zeros(3, c.shape[1]))
    i, f, g, o = (x @ w["weight_ih"].T + w["bias_ih"]
                  + seen @ w["weight_hh"].T + w["bias_hh"]).chunk(4, dim=1)
    i = act("gate", i + p_i * c)
    f = 1 - i if act.input_forget else act("gate", f + p_f * c)
    c = f * c + i * act("candidate", g)
    return act("gate", o + p_o * c) * act("output", c), c


def gru(w, act, x, state, seen):
    x_r, x_z, x_n = (x @ w["weight_ih"].T + w["bias_ih"]).chunk(3, dim=1)
    h_r, h_z, h_n = (seen @ w["weight_hh"].T + w["bias_hh"]).chunk(3, dim=1)
    r, z = act("gate", x_r + h_r), act("gate", x_z + h_z)
    n = act("candidate", x_n + r * h_n)
    return ((1 - z) * n + z * state[0],)


def gru_reset_before(w, act, x, state, seen):
    x_r, x_z, x_n = (x @ w["weight_ih"].T + w["bias_ih"]).chunk(3, dim=1)
    U_r, U_z, U_n = w["weight_hh"].chunk(3, dim=0)
    b_r, b_z, b_n = w["bias_hh"].chunk(3, dim=0)
    r = act("gate", x_r + seen @ U_r.T + b_r)
    z = act("gate", x_z + seen @ U_z.T + b_z)
    n = act("candidate", x_n + (r * seen) @ U_n.T + b_n)
    return ((1 - z) * n + z * state[0],)


def mingru(w, act, x, state, seen):
    x_z, x_h = (x @ w["weight_ih"].T + w["bias_ih"]).chunk(2, dim=1)
    z = act("gate", x_z)
    return ((1 - z) * state[0] + z * x_h,)


DENSE = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
CELLS = {  # step, gates, states, weights; module of torch.nn, if it has one
    "elman": (elman, 1, "h", DENSE, torch.nn.RNN),
    "elementwise": (elementwise, 1, "h", ("weight_ih", "u", "bias_ih"), None),
    "elementwise_input": (elementwise_input, 1, "h", ("w", "u", "bias_ih"), None),
    "lstm": (lstm, 4, "hc", DENSE, torch.nn.LSTM),
    "lstm_peephole": (lstm, 4, "hc", DENSE + ("weight_peephole",), None),
    "gru": (gru, 3, "h", DENSE, torch.nn.GRU),
    "gru_reset_before": (gru_reset_before, 3, "h", DENSE, None),
    "mingru": (mingru, 2, "h", ("weight_ih", "bias_ih"), None),
}

SMALL = (4, 2, 2, 5)
SHAPES = {"odd": (7, 3, 3, 9), "wide": (4, 2, 2, 33), "one": (1, 1, 1, 1)}  # T, B, I, H
ONE_ACTIVATION = [f"small,activation={name}" for name in ACTIVATIONS if name != "tanh"]
ONE_GATE = [f"small,gate_activation={name}" for name in ACTIVATIONS if name != "sigmoid"]
TWO_ACTIVATIONS = [  # every value at both places, and no two without a bound together: that explodes
    "small,activation=relu,gate_activation=tanh",
    "small,activation=sigmoid,gate_activation=identity",
    "small,activation=hard_sigmoid,gate_activation=relu",
    "small,activation=identity,gate_activation=hard_sigmoid",
]
THREE_ACTIVATIONS = [
    "small,activation=sigmoid,gate_activation=tanh,output_activation=relu",
    "small,activation=relu,gate_activation=hard_sigmoid,output_activation=identity",
    "small,activation=hard_sigmoid,gate_activation=identity,output_activation=sigmoid",
    "small,activation=identity,gate_activation=relu,output_activation=hard_sigmoid",
]
ALL_OF_LSTM = ("masked,activation=relu,gate_activation=hard_sigmoid,output_activation=sigmoid,"
               "clip=0.7,input_forget=1")
CASES = {
    "elman": ["odd", "wide", "one", "stack", *ONE_ACTIVATION, "small,clip=0.7", "masked",
              "masked,activation=relu,clip=0.7"],
    "elementwise": ["odd", "wide", "one", *ONE_ACTIVATION, "small,clip=0.7"],
    "elementwise_input": ["odd", "wide", "one", *ONE_ACTIVATION, "small,clip=0.7"],
    "lstm": ["odd", "wide", "one", "stack", "bidirectional", *THREE_ACTIVATIONS, "small,clip=0.7",
             "small,input_forget=1", "masked", ALL_OF_LSTM],
    "lstm_peephole": ["odd", "one", *THREE_ACTIVATIONS, "small,clip=0.7", "small,input_forget=1",
                      "masked", ALL_OF_LSTM],
    "gru": ["odd", "one", "stack", *TWO_ACTIVATIONS, "small,clip=0.7", "masked",
            "masked,activation=relu,gate_activation=hard_sigmoid,clip=0.7"],
    "gru_reset_before": ["odd", "wide", "one", *TWO_ACTIVATIONS, "small,clip=0.7", "masked",
                         "masked,activation=relu,gate_activation=hard_sigmoid,clip=0.7"],
    "mingru": ["odd", "wide", "one", *ONE_GATE, "small,clip=0.7"],
}


def draw_weights(kinds, gates, I, H):
    scale = min(0.4, 1 / H**0.5)  # gates keep a slope
    extents = {"weight_ih": (gates * H, I), "weight_hh": (gates * H, H), "bias_ih": (gates * H,),
               "bias_hh": (gates * H,), "weight_peephole": (3, H), "w": (H,), "u": (H,)}
    plain = {"w": "weight_ih", "u": "weight_hh"}
    return {plain.get(kind, kind): given(*extents[kind], scale=scale) for kind in kinds}


def walk(step, weights, act, x, state, mask):
    """y and the last state, written out."""
    y = []
    for x_t in x:
        state = step(weights, act, x_t, state, state[0] if mask is None else mask * state[0])
        y.append(state[0])
    return torch.stack(y), state


def walk_module(module, leaves, act, layers, bidirectional, inputs):
    """The same by a module of torch.nn, which has all but options and masks."""
    H = inputs["h_0"].shape[2]
    relu = {"nonlinearity": "relu"} if act.names["candidate"] == "relu" else {}
    rnn = module(inputs["x"].shape[2], H, num_layers=layers, bidirectional=bidirectional, **relu)
    given_weights = {name: leaves[name] for name, _ in rnn.named_parameters()}
    first = tuple(inputs[name] for name in ("h_0", "c_0") if name in inputs)
    y, last = torch.func.functional_call(rnn, given_weights,
                                         (inputs["x"], first if len(first) > 1 else first[0]))
    return y, last if len(first) > 1 else (last,)


def in_module(cell, shape, options):
    if CELLS[cell][-1] is None or shape == "masked":
        return False
    return not options or (cell == "elman" and options == {"activation": "relu"})


def draw_case(cell, case):
    """The tensors of a case by name, and how near it came to a kink."""
    step, gates, letters, kinds, module = CELLS[cell]
    shape, *pairs = case.split(",")
    options = dict(pair.split("=") for pair in pairs)
    act = Options(**options)
    layers, bidirectional = 2 if shape == "stack" else 1, shape == "bidirectional"
    T, B, I, H = (6, 3, 2, 8) if shape == "stack" else SHAPES.get(shape, SMALL)
    if cell == "elementwise_input":
        I = H
    names = ["_l0", "_l0_reverse"] if bidirectional else [f"_l{k}" for k in range(layers)]

    leaves = {}
    for k, suffix in enumerate(names):
        weights = draw_weights(kinds, gates, H if suffix == "_l1" else I, H)
        leaves.update({name + suffix: tensor for name, tensor in weights.items()})
    inputs = {"x": given(T, B, I), **{f"{l}_0": given(len(names), B, H) for l in letters}}
    mask = torch.randint(0, 2, (B, H)) * 1.75 if shape == "masked" else None
    leaves.update(inputs)
    for tensor in leaves.values():
        tensor.requires_grad_()

    written_out = len(names) == 1
    if written_out:
        weights = {name.removesuffix("_l0"): tensor for name, tensor in leaves.items()}
        y, last = walk(step, weights, act, inputs["x"],
                       tuple(inputs[f"{l}_0"][0] for l in letters), mask)
        last = tuple(state[None] for state in last)
    if in_module(cell, shape, options):
        ours = (y, *last) if written_out else ()
        y, last = walk_module(module, leaves, act, layers, bidirectional, inputs)
        for mine, theirs in zip(ours, (y, *last)):
            torch.testing.assert_close(mine, theirs, rtol=1e-13, atol=1e-13)

    outputs = {"y": y, **{f"{l}_n": state for l, state in zip(letters, last)}}
    errors = {name: given(*tensor.shape) for name, tensor in outputs.items()}
    sum((errors[name] * outputs[name]).sum() for name in outputs).backward()
    tensors = {**leaves, **({} if mask is None else {"mask": mask}), **outputs}
    tensors.update({f"d_{name}": tensor for name, tensor in errors.items()})
    for name, tensor in leaves.items():  # without a gradient where f is not used at all
        tensors[f"d_{name}"] = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
    return tensors, act.nearest


def main():
    cell = sys.argv[1]
    module = CELLS[cell][-1]
    torch.set_default_dtype(torch.float64)
    print(f"# {cell} in PyTorch {torch.__version__}, float64; written by make_recurrent.py")
    print(f"# torch.nn.{module.__name__} where it has the case, else its operations" if module
          else "# written out in PyTorch's operations")
    for case in CASES[cell]:
        torch.manual_seed(20)
        nearest = 0.0
        while nearest < FROM_KINKS:  # drawn anew until it is far from every kink
            tensors, nearest = draw_case(cell, case)
        for name, tensor in tensors.items():
            write(f"{case}.{name}", tensor)


if __name__ == "__main__":
    main()
