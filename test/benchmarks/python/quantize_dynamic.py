"""onnxruntime.quantization.quantize_dynamic, per channel, signed 8 bits, then a sync of what it wrote."""
import json
import os
import resource
import sys
import time

from onnxruntime.quantization import QuantType, quantize_dynamic

source, target = sys.argv[1:3]
begin = time.perf_counter()
quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8, use_external_data_format=False)
with open(target, "r+b") as written:
    os.fsync(written.fileno())
elapsed = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"ms": elapsed * 1000, "megabytes": peak, "bytes": os.path.getsize(target)}))
