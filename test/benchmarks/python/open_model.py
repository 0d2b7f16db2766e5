"""Opens a model with Python's onnx. Prints time without imports, peak memory, and what it found."""

import json
import resource
import sys
import time

import onnx

begin = time.perf_counter()
model = onnx.load(sys.argv[1])
ms = (time.perf_counter() - begin) * 1000
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
facts = {"nodes": len(model.graph.node), "weights": len(model.graph.initializer)}
print(json.dumps({"ms": ms, "megabytes": megabytes, **facts}))
