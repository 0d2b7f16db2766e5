import { intAttribute, withAttributes } from '../../attributes';
import { newNode } from '../../new-nodes';
import type { Rewrite } from '../rewrite';

/**
 * Until opset 12 Softmax, LogSoftmax and Hardmax worked on a matrix: all dimensions from `axis` (default 1) on together.
 * Where that is the last dimension it is the later operator; otherwise the value is flattened and shaped back.
 */
export const softmaxOverRest: Rewrite = (node, scope) => {
  const last = withAttributes(node, { axis: { kind: 'int', value: -1 } });
  const [input = ''] = node.inputs;
  const rank = scope.rankOf(input);
  const axis = intAttribute(node, 'axis', 1);
  if (axis === -1 || axis === (rank ?? Infinity) - 1) return [last];
  const shape = scope.names.numbered('c');
  const flat = scope.names.numbered('c');
  const answer = scope.names.numbered('c');
  return [
    newNode('Shape', [input], [shape]),
    newNode('Flatten', [input], [flat], { axis: { kind: 'int', value: axis } }),
    { ...last, inputs: [flat], outputs: [answer] },
    newNode('Reshape', [answer, shape], node.outputs),
  ];
};
