"""onnxruntime's MatMulNBitsQuantizer: symmetric 4-bit codes in blocks of 32, as DequantizeLinear or MatMulNBits, synced."""
import json
import os
import resource
import sys
import time

import onnx
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

source, target = sys.argv[1:3]
begin = time.perf_counter()
model = onnx.load(source)
quantizer = MatMulNBitsQuantizer(model, block_size=32, is_symmetric=True)
quantizer.process()
quantizer.model.save_model_to_file(target, False)
with open(target, "r+b") as written:
    os.fsync(written.fileno())
elapsed = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"ms": elapsed * 1000, "megabytes": peak, "bytes": os.path.getsize(target)}))
