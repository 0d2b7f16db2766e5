"""
onnxruntime.quantization.quantize_static on all samples of the arrays of an .npz (constant_NAME: an input that is the
same for each): QDQ, uint8 activations, int8 weights, per channel
where the tool can, otherwise per tensor (it fails on some products with a bias). Models of older operator sets are
raised first, as the tool asks for: below 13 it writes scales per channel that no runtime takes.
"""
import json
import os
import resource
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

source, target, data = sys.argv[1:4]
# The first in which DequantizeLinear has an axis.
OLDEST_OPSET = 13
arrays = np.load(data)
names = [value.name for value in onnxruntime.InferenceSession(source).get_inputs()]


def raised(path, folder):
    model = onnx.load(path)
    opset = next(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))
    if opset >= OLDEST_OPSET:
        return path
    newer = os.path.join(folder, "raised.onnx")
    onnx.save(version_converter.convert_version(model, OLDEST_OPSET), newer)
    return newer


def of_sample(name, row):
    constant = f"constant_{name}"
    return arrays[constant] if constant in arrays else arrays[name][row : row + 1]


class Samples(CalibrationDataReader):
    def __init__(self):
        sampled = [name for name in names if name in arrays]
        self.rows = iter(range(len(arrays[sampled[0]])))

    def get_next(self):
        row = next(self.rows, None)
        return None if row is None else {name: of_sample(name, row) for name in names}


def quantize(prepared, per_channel):
    quantize_static(
        prepared,
        target,
        Samples(),
        per_channel=per_channel,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


begin = time.perf_counter()
with tempfile.TemporaryDirectory() as folder:
    prepared = os.path.join(folder, "prepared.onnx")
    quant_pre_process(raised(source, folder), prepared, skip_symbolic_shape=True)
    per_channel = 1
    try:
        quantize(prepared, True)
    except ValueError:
        per_channel = 0
        begin = time.perf_counter()
        quantize(prepared, False)
elapsed = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"ms": elapsed * 1000, "megabytes": peak, "bytes": os.path.getsize(target), "perChannel": per_channel}))
