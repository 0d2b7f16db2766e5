import { intAttribute, withAttributes } from '../../attributes';
import type { Rewrite } from '../rewrite';

/** Dropout does nothing in inference; its mask cannot be had from an Identity. */
export const dropoutToIdentity: Rewrite = (node) => {
  if (node.outputs.slice(1).some((name) => name !== '')) return null;
  const removed = { ratio: undefined, seed: undefined };
  return [{ ...withAttributes(node, removed), opType: 'Identity', inputs: node.inputs.slice(0, 1) }];
};

/** Until opset 8 statistics could be one an element (`spatial = 0`), which nothing later expresses. */
export const normalizationInInference: Rewrite = (node, scope) => {
  const training = scope.from < 7 && intAttribute(node, 'is_test', 0) === 0;
  const outputs = node.outputs.filter((name) => name !== '');
  if (training || outputs.length !== 1 || intAttribute(node, 'spatial', 1) === 0) return null;
  return [{ ...withAttributes(node, { spatial: undefined, is_test: undefined }), outputs }];
};

/** Until 13 further outputs of a batch norm meant training. */
export const inferenceOnly: Rewrite = (node) => {
  const outputs = node.outputs.filter((name) => name !== '');
  return outputs.length === 1 ? [{ ...node, outputs }] : null;
};
