#!/usr/bin/env python3
"""Golden steps of torch.optim after torch.nn.utils.clip_grad_norm_, and rates of
torch.optim.lr_scheduler, in double precision.

Run:     python3 make_optimizers.py > optimizers.txt      (needs torch; the result is kept beside this file)
Format:  that of make_recurrent.py.

Two parameters, `a` of 7 numbers and `b` of 5, take 10 steps with gradients that are given:
    clip                                                            of rank 0
    a_0 [7], b_0 [5], gradient_a [10, 7], gradient_b [10, 5]        what goes in
    norm [10]                         the norm of both gradients together, before it is clipped
and for each CASE of CASES
    CASE.lr, .momentum, .nesterov, .weight_decay, .alpha, .beta_1, .beta_2, .eps     those it has
    CASE.a [10, 7], CASE.b [10, 5]    the parameters after each step
    CASE.MOMENT_a [7], .MOMENT_b [5]  every moment after the last step, m and v
About half of the steps are clipped. A clipped gradient is g * clip / (norm + 1e-6), as PyTorch has it.

Rates, of a rate of 1, at the steps of a run of 40:
    rates.step [40]     StepLR(7, 0.5) after a LinearLR warm-up of 5 steps
    rates.cosine [40]   CosineAnnealingLR to 0.01 after that warm-up
    rates.plain [40]    CosineAnnealingLR to 0, without a warm-up
"""

import torch

from make_recurrent import given, write

STEPS, LR, CLIP = 10, 0.01, 1.0
OPTIM = torch.optim
CASES = {  # optimizer, options beside lr
    "sgd": (OPTIM.SGD, {}),
    "sgd_decay": (OPTIM.SGD, {"weight_decay": 0.125}),
    "sgd_momentum": (OPTIM.SGD, {"momentum": 0.9, "weight_decay": 0.125}),
    "sgd_nesterov": (OPTIM.SGD, {"momentum": 0.75, "nesterov": True}),
    "rmsprop": (OPTIM.RMSprop, {}),
    "rmsprop_momentum": (OPTIM.RMSprop, {"momentum": 0.9, "weight_decay": 0.125, "alpha": 0.75}),
    "adam": (OPTIM.Adam, {}),
    "adam_decay": (OPTIM.Adam, {"weight_decay": 0.125, "betas": (0.75, 0.96875), "eps": 1e-3}),
    "adamw": (OPTIM.AdamW, {}),
    "adamw_decay": (OPTIM.AdamW, {"weight_decay": 0.5}),
}
MOMENTS = {"momentum_buffer": "m", "square_avg": "v", "exp_avg": "m", "exp_avg_sq": "v"}
SETTINGS = ("lr", "momentum", "nesterov", "weight_decay", "alpha", "eps")


def steps_of(case, starts, gradients):
    kind, options = CASES[case]
    parameters = [torch.nn.Parameter(start.clone()) for start in starts]
    optimizer = kind(parameters, lr=LR, **options)
    for name in SETTINGS:
        if name in optimizer.defaults:
            write(f"{case}.{name}", torch.tensor(float(optimizer.defaults[name])))
    for number, beta in enumerate(optimizer.defaults.get("betas", ()), 1):
        write(f"{case}.beta_{number}", torch.tensor(beta))
    norms, after = [], ([], [])
    for step in range(STEPS):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient[step].clone()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP))
        optimizer.step()
        for rows, parameter in zip(after, parameters):
            rows.append(parameter.detach().clone())
    for letter, parameter, rows in zip("ab", parameters, after):
        write(f"{case}.{letter}", torch.stack(rows))
        for name, moment in optimizer.state[parameter].items():
            if name in MOMENTS and moment is not None:
                write(f"{case}.{MOMENTS[name]}_{letter}", moment)
    return torch.stack(norms)


def rates(name, make, warm_up):
    optimizer = OPTIM.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimizer)
    if warm_up > 0:
        first = OPTIM.lr_scheduler.LinearLR(optimizer, 1 / warm_up, 1.0, warm_up - 1)
        scheduler = OPTIM.lr_scheduler.SequentialLR(optimizer, [first, make(optimizer)], [warm_up])
    found = []
    for _ in range(40):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    write(f"rates.{name}", torch.tensor(found))


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(21)
    print(f"# torch.optim of PyTorch {torch.__version__}, float64; written by make_optimizers.py")
    starts = [given(7), given(5)]
    # Steps of very different size: far below the threshold, near it, far above it.
    sizes = torch.tensor([0.125, 4.0, 0.25, 1.0, 0.25, 32.0, 0.125, 0.5, 2.0, 0.0625])
    gradients = [given(STEPS, 7) * sizes[:, None], given(STEPS, 5) * sizes[:, None]]
    write("clip", torch.tensor(CLIP))
    for letter, start, gradient in zip("ab", starts, gradients):
        write(f"{letter}_0", start)
        write(f"gradient_{letter}", gradient)
    norms = [steps_of(case, starts, gradients) for case in CASES]
    write("norm", norms[0])
    scheduler = OPTIM.lr_scheduler
    rates("step", lambda optimizer: scheduler.StepLR(optimizer, 7, 0.5), 5)
    rates("cosine", lambda optimizer: scheduler.CosineAnnealingLR(optimizer, 35, 0.01), 5)
    rates("plain", lambda optimizer: scheduler.CosineAnnealingLR(optimizer, 40, 0.0), 0)


if __name__ == "__main__":
    main()
