"""onnxruntime's converter to float16, inputs and outputs kept, then a sync of what it wrote."""
import json
import os
import resource
import sys
import time

import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16

source, target = sys.argv[1:3]
begin = time.perf_counter()
converted = convert_float_to_float16(onnx.load(source), keep_io_types=True)
onnx.save(converted, target)
with open(target, "r+b") as written:
    os.fsync(written.fileno())
elapsed = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"ms": elapsed * 1000, "megabytes": peak, "bytes": os.path.getsize(target)}))
