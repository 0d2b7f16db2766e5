"""
Trains a network from random weights in PyTorch: AdamW, cosine schedule, batch 128, no augmentation. `NETWORK ZOO SEED
EPOCHS THREADS`: the network of that name in ZOO/make/nets.py, on the images beside the zoo.
"""
import gzip
import json
import os
import resource
import sys
import time

import numpy
import torch

network, zoo, seed, epochs, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
sys.path.insert(0, os.path.join(zoo, "make"))
from nets import NETS  # noqa: E402

BATCH = 128


def images(name):
    with gzip.open(os.path.join(zoo, "..", "data", "fashion-mnist", name)) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28)


def labels(name):
    with gzip.open(os.path.join(zoo, "..", "data", "fashion-mnist", name)) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=8).astype(numpy.int64)


torch.manual_seed(seed)
torch.set_num_threads(threads)
x = torch.tensor(images("train-images-idx3-ubyte.gz") / 255, dtype=torch.float32)
y = torch.tensor(labels("train-labels-idx1-ubyte.gz"))
tx = torch.tensor(images("t10k-images-idx3-ubyte.gz") / 255, dtype=torch.float32)
ty = torch.tensor(labels("t10k-labels-idx1-ubyte.gz"))
model = NETS[network]()
steps = len(x) // BATCH
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * steps)
begin = time.perf_counter()
model.train()
for _ in range(epochs):
    order = torch.randperm(len(x))
    for step in range(steps):
        batch = order[step * BATCH : (step + 1) * BATCH]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
        optimizer.step()
        schedule.step()
ms = (time.perf_counter() - begin) * 1000
model.eval()
with torch.no_grad():
    right = sum((model(tx[i : i + 500]).argmax(1) == ty[i : i + 500]).sum().item() for i in range(0, len(tx), 500))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"ms": ms, "megabytes": peak, "accuracy": right / len(tx)}))
