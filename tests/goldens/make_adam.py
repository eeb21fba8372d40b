#!/usr/bin/env python3
"""Golden steps of torch.optim.Adam after torch.nn.utils.clip_grad_norm_, in double precision.

Run:     python3 make_adam.py > adam.txt        (needs torch; the result is kept beside this file)
Format:  golden.py

Two parameters, `a` of 7 numbers and `b` of 5, take 10 steps with gradients that are given:
    lr, beta_1, beta_2, eps, clip                                   the settings, each of rank 0
    a_0 [7], b_0 [5], gradient_a [10, 7], gradient_b [10, 5]        what goes in
    norm [10]                         the norm of both gradients together, before it is clipped
    a [10, 7], b [10, 5]              the parameters after each step
    m_a [7], v_a [7], m_b, v_b [5]    both moments after the last step
About half of the steps are clipped. A clipped gradient is g * clip / (norm + 1e-6), as PyTorch has it.
"""

import torch

from golden import given, write

STEPS, LR, CLIP = 10, 0.01, 1.0


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(21)
    print(f"# torch.optim.Adam of PyTorch {torch.__version__}, float64; written by make_adam.py")
    parameters = [torch.nn.Parameter(given(7)), torch.nn.Parameter(given(5))]
    # Steps of very different size: far below the threshold, near it, far above it.
    sizes = torch.tensor([0.125, 4.0, 0.25, 1.0, 0.25, 32.0, 0.125, 0.5, 2.0, 0.0625])
    gradients = [given(STEPS, 7) * sizes[:, None], given(STEPS, 5) * sizes[:, None]]
    adam = torch.optim.Adam(parameters, lr=LR)
    beta_1, beta_2 = adam.defaults["betas"]
    settings = {"lr": LR, "beta_1": beta_1, "beta_2": beta_2, "eps": adam.defaults["eps"]}
    for name, value in {**settings, "clip": CLIP}.items():
        write(name, torch.tensor(value))
    for name, parameter, gradient in zip("ab", parameters, gradients):
        write(f"{name}_0", parameter)
        write(f"gradient_{name}", gradient)

    norms, after = [], ([], [])
    for step in range(STEPS):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient[step].clone()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP))
        adam.step()
        for rows, parameter in zip(after, parameters):
            rows.append(parameter.detach().clone())
    write("norm", torch.stack(norms))
    for name, parameter, rows in zip("ab", parameters, after):
        write(name, torch.stack(rows))
        write(f"m_{name}", adam.state[parameter]["exp_avg"])
        write(f"v_{name}", adam.state[parameter]["exp_avg_sq"])


if __name__ == "__main__":
    main()
