import { describe, expect, it } from 'vitest';
import { AskedForms } from '../../../../src/core/training/forms';
import type { Forms } from '../../../../src/core/training/graph/forms';
import { DIFFERENTIABLE } from '../../../../src/core/training/gradients/table';
import type { GradientCase } from './case';
import { ACTIVATION_CASES } from './cases/activations';
import { ARITHMETIC_CASES } from './cases/arithmetic';
import { BATCH_NORMALIZATION_CASES } from './cases/batch-normalization';
import { CONVOLUTION_CASES } from './cases/convolution';
import { EINSUM_CASES } from './cases/einsum';
import { ELEMENTARY_CASES } from './cases/elementary';
import { GATHERING_CASES } from './cases/gathering';
import { JOINING_CASES } from './cases/joining';
import { NORMALIZATION_CASES } from './cases/normalization';
import { PADDING_CASES } from './cases/padding';
import { POOLING_CASES } from './cases/pooling';
import { PRODUCT_CASES } from './cases/products';
import { REARRANGING_CASES } from './cases/rearranging';
import { RECURRENT_CASES } from './cases/recurrent';
import { REDUCTION_CASES } from './cases/reductions';
import { RESHAPING_CASES } from './cases/reshaping';
import { RESIZE_CASES } from './cases/resize';
import { SELECTION_CASES } from './cases/selection';
import { SLICING_CASES } from './cases/slicing';
import { SOFTMAX_CASES } from './cases/softmax';
import { checkCase } from './check';

const CASES: readonly GradientCase[] = [
  ...ACTIVATION_CASES,
  ...ARITHMETIC_CASES,
  ...BATCH_NORMALIZATION_CASES,
  ...CONVOLUTION_CASES,
  ...EINSUM_CASES,
  ...ELEMENTARY_CASES,
  ...GATHERING_CASES,
  ...JOINING_CASES,
  ...NORMALIZATION_CASES,
  ...PADDING_CASES,
  ...POOLING_CASES,
  ...PRODUCT_CASES,
  ...REARRANGING_CASES,
  ...RECURRENT_CASES,
  ...REDUCTION_CASES,
  ...RESHAPING_CASES,
  ...RESIZE_CASES,
  ...SELECTION_CASES,
  ...SLICING_CASES,
  ...SOFTMAX_CASES,
];

const OPSETS = [13, 17, 18, 21];
const nameOf = ({ opType, domain = '' }: GradientCase): string => (domain === '' ? opType : `${domain}.${opType}`);

/** Forms are written the same way in all operator sets. */
const FORMS_OPSET = 18;

/** Forms that were asked about beside the first; those in the runtime's own layout have tests of their own. */
function otherForms({ questions }: AskedForms): ReadonlySet<string> {
  return new Set(questions.flatMap(({ forms }) => forms.slice(1)).filter((form) => !/ \d+$/.test(form)));
}

const always = (wanted: string): Forms => ({
  choose: (_question, forms) => forms.find((form) => form === wanted) ?? forms[0],
});

describe('every gradient rule agrees with central differences of the operator in float64', () => {
  for (const opType of new Set(CASES.map(nameOf))) {
    describe(opType, () => {
      for (const given of CASES.filter((each) => nameOf(each) === opType))
        it(given.title, async () => {
          const asked = new AskedForms();
          for (const opset of given.opsets ?? OPSETS) await checkCase(given, opset, asked);
          for (const form of otherForms(asked)) await checkCase(given, FORMS_OPSET, always(form));
        });
    });
  }

  it('has cases for every operator in the table', () => {
    expect([...new Set(CASES.map(nameOf))].sort()).toEqual([...DIFFERENTIABLE].sort());
  });
});
