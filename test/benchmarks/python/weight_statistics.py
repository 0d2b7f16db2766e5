"""The same figures with NumPy: extremes, mean, mean magnitude, deviation, zeros, NaN, infinities, 64-bin histogram."""
import json
import resource
import sys
import time

import numpy as np
import onnx
from onnx import numpy_helper

begin = time.perf_counter()
model = onnx.load(sys.argv[1])
loaded = time.perf_counter()
values = deviations = middle = layers = 0
for tensor in model.graph.initializer:
    if len(tensor.dims) < 2:
        continue
    array = numpy_helper.to_array(tensor)
    figures = [
        array.min(),
        array.max(),
        array.mean(dtype=np.float64),
        np.abs(array).mean(dtype=np.float64),
        np.count_nonzero(array == 0),
        np.isnan(array).sum(),
        np.isinf(array).sum(),
    ]
    deviations += array.std(dtype=np.float64)
    histogram, _ = np.histogram(array, 64)
    middle += int(histogram[32])
    values += array.size
    layers += 1
elapsed = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(
    json.dumps(
        {
            "ms": elapsed * 1000,
            "megabytes": peak,
            "loading": (loaded - begin) * 1000,
            "layers": layers,
            "values": values,
            "deviations": float(deviations),
            "middle": middle,
        }
    )
)
