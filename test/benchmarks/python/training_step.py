"""
One training step in PyTorch: forward, cross-entropy, backward, plain SGD. `NETWORK BATCH THREADS RUNS FOLDER`: the
network of that name in FOLDER/make/nets.py, dropout off as in the exported model.
"""
import json
import os
import resource
import sys
import time

import torch

network, batch, threads, runs, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
sys.path.insert(0, os.path.join(folder, "make"))
from nets import NETS  # noqa: E402

torch.set_num_threads(threads)
model = NETS[network]().train()
for module in model.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
images, labels = torch.rand(batch, 1, 28, 28), torch.arange(batch) % 10


def step():
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()


step()
shortest = float("inf")
spent = time.process_time()
for _ in range(runs):
    begin = time.perf_counter()
    step()
    shortest = min(shortest, time.perf_counter() - begin)
spent = time.process_time() - spent
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"ms": shortest * 1000, "megabytes": peak, "processorMs": spent * 1000 / runs}))
