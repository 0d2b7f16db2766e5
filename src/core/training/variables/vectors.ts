import { elementsOf } from '../../model/model';
import type { GraphBuilder } from '../graph/builder';
import { concat, expand, flat, reshape, slice } from '../graph/shaping';
import type { Term } from '../graph/term';
import { float32 } from '../graph/term';
import type { Variable } from './variable';

/** Where a variable lies in its group's vector. */
export interface Slot {
  readonly variable: Variable;
  readonly term: Term;
  readonly offset: number;
}

/** Variables of one group as one vector: whatever is done to them is a few nodes, and a few tensors to feed. */
export class FlatGroup {
  readonly slots: Slot[] = [];
  length = 0;

  constructor(readonly name: string) {}

  add(variable: Variable, term: Term): void {
    this.slots.push({ variable, term, offset: this.length });
    this.length += elementsOf(variable.shape);
  }

  /** The vector with which training begins. */
  start(): Float32Array {
    const vector = new Float32Array(this.length);
    for (const { variable, offset } of this.slots) vector.set(variable.start, offset);
    return vector;
  }

  /** Writes the nodes that take the variables out of the vector; they give the terms that slots already have. */
  unpack(build: GraphBuilder, vector: Term): void {
    const lengths = this.slots.map(({ variable }) => elementsOf(variable.shape));
    const attributes = { axis: { kind: 'int', value: 0 } as const };
    const pieces =
      lengths.length === 1
        ? [vector]
        : build.emit(
            'Split',
            [vector, build.integers(lengths)],
            lengths.map((length) => float32([length])),
            attributes,
          );
    this.slots.forEach(({ term }, index) => {
      const piece = pieces[index];
      if (piece === undefined) return;
      const shape = build.integers(term.shape);
      build.emitNode(
        {
          ...{ name: '', opType: 'Reshape', domain: '', attributes: new Map(), metadata: new Map() },
          ...{ inputs: [piece.name, shape.name], outputs: [term.name] },
        },
        [piece, shape],
        [term],
      );
    });
  }

  /** One vector of a value for each slot; where there is none, what stands for it. */
  pack(build: GraphBuilder, valueOf: (slot: Slot) => Term | undefined, otherwise: 'zeros' | 'unchanged'): Term {
    const pieces = this.slots.map((slot) => {
      const value = valueOf(slot) ?? (otherwise === 'unchanged' ? slot.term : null);
      return value ? flat(build, value) : expand(build, build.constant([0], [1]), [elementsOf(slot.variable.shape)]);
    });
    if (pieces.length === 1 && pieces[0]) return reshape(build, pieces[0], [this.length]);
    return concat(build, [...pieces, asWritten(build, pieces)], 0);
  }

  /** The variables' values in a vector, by name; views of it. */
  valuesIn(vector: Float32Array): Map<string, Float32Array> {
    return new Map(
      this.slots.map(({ variable, offset }) => [
        variable.name,
        vector.subarray(offset, offset + elementsOf(variable.shape)),
      ]),
    );
  }
}

/**
 * An empty tensor that is ready once all pieces are. The runtime goes back from a graph's outputs, to the inputs that
 * were written last first, so it would compute what is needed for the first layer's gradient before any other, and keep
 * everything that the others are made of. Through this chain it comes to the pieces in the order in which they were
 * written, and each layer's memory is free when its gradient is there.
 */
function asWritten(build: GraphBuilder, pieces: readonly Term[]): Term {
  const written = new Map(build.nodes.flatMap(({ outputs }, index) => outputs.map((name) => [name, index] as const)));
  const latestFirst = [...pieces].sort((a, b) => (written.get(b.name) ?? 0) - (written.get(a.name) ?? 0));
  const empty = latestFirst.map((piece) => slice(build, piece, [0], [0], [0])).reverse();
  const [first, ...others] = empty;
  return others.reduce((chain, each) => concat(build, [each, chain], 0), first ?? build.constant([], [0]));
}
