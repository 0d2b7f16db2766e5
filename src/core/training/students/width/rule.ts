import type { Node } from '../../../model/model';
import { fixAxis, unify, type Axis } from './axis';

/** What a rule works with: the axes of a node's values. */
export interface AxisCall {
  readonly node: Node;
  /** Version of the standard operator set. */
  readonly opset: number;
  /** Axes of an input; none where it is left out. */
  input(index: number): readonly Axis[];
  /** Lengths of an input's and an output's axes. */
  inputShape(index: number): readonly number[];
  outputShape(index: number): readonly number[];
  /** The numbers of a small input that is constant. */
  numbers(index: number): readonly number[] | null;
}

/** Gives the axes of a node's outputs, and makes those of its values the same that have to be. */
export type AxisRule = (call: AxisCall) => readonly (readonly Axis[])[];

/** Axes that broadcast: of equal lengths they are the same, aligned at the end. */
export function broadcast(values: readonly (readonly Axis[])[], lengthOf: (axis: Axis) => number): readonly Axis[] {
  const rank = Math.max(...values.map(({ length }) => length));
  return Array.from({ length: rank }, (_, at) => {
    const axes = values.flatMap((each) => {
      const axis = each[at - rank + each.length];
      return axis ? [axis] : [];
    });
    const whole = axes.filter((axis) => lengthOf(axis) > 1);
    const [first, ...others] = whole;
    for (const other of others) if (first) unify(first, other);
    return first ?? axes[0] ?? [];
  });
}

export function fixAll(values: readonly (readonly Axis[])[]): void {
  for (const axes of values) axes.forEach(fixAxis);
}
