import type { Attribute, Node } from '../../../../model/model';
import { floatAttribute, intsAttribute, withAttributes } from '../../attributes';
import { float32Weight, int64Weight } from '../../new-weights';
import type { Rewrite, RewriteScope } from '../rewrite';

const text = (value: string): Attribute => ({ kind: 'string', value });

/** Resize of opset 10 and Upsample took positions as `out / scale`, and rounded down for `nearest`. */
const OLD_COORDINATES = { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') };

/** Opset 10: inputs (data, scales); later (data, region, scales). */
export const resizeInputs: Rewrite = (node) => {
  const [data = '', scales = ''] = node.inputs;
  return [{ ...withAttributes(node, OLD_COORDINATES), inputs: [data, '', scales] }];
};

/** Opset 7 kept the scales in an attribute, opset 9 in an input. */
export const upsampleToResize: Rewrite = (node, scope) => {
  const [data = '', input = ''] = node.inputs;
  const scales = input === '' ? scalesOfAttribute(node, scope) : input;
  if (scales === null) return null;
  const resize = { ...withAttributes(node, { ...OLD_COORDINATES, scales: undefined }), opType: 'Resize' };
  return [{ ...resize, inputs: [data, '', scales] }];
};

function scalesOfAttribute(node: Node, scope: RewriteScope): string | null {
  const scales = node.attributes.get('scales');
  if (scales?.kind !== 'floats') return null;
  return scope.add(float32Weight(scope.names.numbered('c'), [scales.value.length], Float32Array.from(scales.value)));
}

/** Until opset 10 the amounts and the value were attributes. */
export const padInputs: Rewrite = (node, scope) => {
  const pads = intsAttribute(node, 'pads');
  if (pads === null) return null;
  const value = floatAttribute(node, 'value', 0);
  const inputs = [node.inputs[0] ?? '', scope.add(int64Weight(scope.names.numbered('c'), pads))];
  if (value !== 0) inputs.push(scope.add(float32Weight(scope.names.numbered('c'), [], Float32Array.of(value))));
  return [{ ...withAttributes(node, { pads: undefined, value: undefined }), inputs }];
};
