import { at, fill, type Array64 } from '../../reference/array';
import { text } from '../attributes';
import type { GradientCase } from '../case';

/** The sum over all letters that the output lacks, one position at a time. Letters for every dimension. */
function einsum(inputs: readonly string[], output: string, operands: readonly Array64[]): Array64 {
  const lengths = new Map<string, number>();
  inputs.forEach((letters, index) => {
    [...letters].forEach((letter, axis) => {
      lengths.set(letter, Math.max(lengths.get(letter) ?? 1, operands[index]?.shape[axis] ?? 1));
    });
  });
  const summed = [...lengths.keys()].filter((letter) => !output.includes(letter));
  const size = (letters: readonly string[]): number[] => letters.map((letter) => lengths.get(letter) ?? 1);
  return fill(size([...output]), (position) => {
    let sum = 0;
    fill(size(summed), (inner) => {
      const place = new Map([...output].map((letter, axis) => [letter, position[axis] ?? 0]));
      summed.forEach((letter, axis) => place.set(letter, inner[axis] ?? 0));
      const factors = operands.map((operand, index) =>
        at(
          operand,
          [...(inputs[index] ?? '')].map((letter) => place.get(letter) ?? 0),
        ),
      );
      return (sum += factors.reduce((product, factor) => product * factor, 1));
    });
    return sum;
  });
}

const equation = (written: string, shapes: readonly (readonly number[])[], spelled: string = written): GradientCase => {
  const [inputs = '', output = ''] = spelled.split('->');
  return {
    ...{ title: written, opType: 'Einsum', attributes: { equation: text(written) } },
    inputs: shapes.map((shape) => ({ shape })),
    reference: (operands) => [einsum(inputs.split(','), output, operands)],
  };
};

export const EINSUM_CASES: readonly GradientCase[] = [
  equation('ij,jk->ik', [
    [2, 3],
    [3, 4],
  ]),
  equation('bhid,bhjd->bhij', [
    [2, 2, 3, 4],
    [2, 2, 5, 4],
  ]),
  equation('ij->ji', [[2, 3]]),
  equation('ij->i', [[2, 3]]),
  equation('ij->', [[2, 3]]),
  equation('ii->i', [[3, 3]]),
  equation('iji->j', [[3, 2, 3]]),
  equation('i,j->ij', [[2], [3]]),
  equation('ij,k->i', [[2, 3], [4]]),
  equation('ij,jk,kl->il', [
    [2, 3],
    [3, 4],
    [4, 2],
  ]),
  equation(
    'ij,jk',
    [
      [2, 3],
      [3, 4],
    ],
    'ij,jk->ik',
  ),
  equation(
    '...ij,...jk->...ik',
    [
      [2, 2, 3],
      [2, 3, 4],
    ],
    'aij,ajk->aik',
  ),
  equation(
    '...ij,jk->...ik',
    [
      [2, 2, 3],
      [3, 4],
    ],
    'aij,jk->aik',
  ),
  equation(
    '...i,...i->...',
    [
      [2, 3, 4],
      [1, 3, 4],
    ],
    'abi,abi->ab',
  ),
];
