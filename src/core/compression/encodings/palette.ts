import { EdgewiseError } from '../../errors';
import type { Kernels } from '../../kernels';
import { partLayout, type ScaleLayout } from '../../kernels/scale-layout';
import { elementsOf } from '../../model/model';
import type { PaletteTensor } from './encoded-tensor';
import { NearestEntries } from './nearest-entries';
import { isCodeBits, packedLength, type CodeBits } from './packing';
import { TABLES } from './palette-tables';
import type { ChunkDecoder, RealValues } from './real-values';
import type { PaletteScheme } from './scheme';

/** Gets how many values codes cannot hold (NaN, infinities), if any, once the codes have run through. */
type OnNonFinite = (count: number) => void;

/**
 * Codes of the nearest table entries (the larger of two that are as near), NaN as 0, infinities as the largest finite
 * values. Tables come from finite values only. They are found when they or the codes are first asked for, those of
 * `unique` at once, since there may be too many values.
 * @throws EdgewiseError `unsupported` where the axis does not divide into the groups, or values are too many
 */
export async function paletteTensor(
  kernels: Kernels,
  shape: readonly number[],
  openValues: () => RealValues,
  scheme: PaletteScheme,
  onNonFinite?: OnNonFinite,
  signal?: AbortSignal,
): Promise<PaletteTensor> {
  const { bits } = scheme;
  const axis = scheme.groups === 1 ? null : scheme.axis;
  if (!isCodeBits(bits)) throw new EdgewiseError('unsupported', `Palettes have 1 to 8 bits, not ${bits}.`);
  checkGroups(shape, scheme);
  const layout = partLayout(shape, axis, scheme.groups);
  const tensor = new PaletteCodes(kernels, layout, openValues, scheme, bits, onNonFinite);
  if (scheme.method === 'unique') await tensor.table(signal);
  return {
    kind: 'palette',
    shape,
    bits,
    axis,
    groups: scheme.groups,
    table: (during) => tensor.table(during),
    codes: {
      byteLength: packedLength(bits, elementsOf(shape)),
      chunks: (during) => tensor.chunks(during),
    },
  };
}

function checkGroups(shape: readonly number[], { axis, groups }: PaletteScheme): void {
  if (groups === 1) return;
  const length = axis === null ? undefined : shape[axis];
  if (length === undefined || !Number.isInteger(groups) || groups < 1 || length % groups !== 0) {
    const along = length === undefined ? 'no axis' : `an axis of ${length}`;
    throw new EdgewiseError('unsupported', `A palette cannot have ${groups} equal groups along ${along}.`);
  }
}

class PaletteCodes {
  private found: Float32Array | null = null;

  constructor(
    private readonly kernels: Kernels,
    private readonly layout: ScaleLayout,
    private readonly openValues: () => RealValues,
    private readonly scheme: PaletteScheme,
    private readonly bits: CodeBits,
    private readonly onNonFinite?: OnNonFinite,
  ) {}

  async table(signal?: AbortSignal): Promise<Float32Array> {
    if (this.found !== null) return this.found;
    const values = this.openValues();
    try {
      // Groups among each other may take several passes.
      if (this.layout.scales > 1) values.keep();
      return await this.find(values, signal);
    } finally {
      values.close();
    }
  }

  private async find(values: RealValues, signal?: AbortSignal): Promise<Float32Array> {
    this.found = await TABLES[this.scheme.method](this.kernels, values, this.layout, this.bits, signal);
    return this.found;
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { kernels, bits } = this;
    const values = this.openValues();
    let notFinite = 0;
    try {
      if (this.found === null) values.keep();
      const nearest = new NearestEntries(kernels, this.layout, bits, this.found ?? (await this.find(values, signal)));
      try {
        for await (const span of values.spans(signal)) {
          notFinite += kernels.countNonFinite(span.address, span.count);
          // Codes are narrower than their values, and take their place.
          nearest.assign(span, span.address);
          if (bits < 8) kernels.codes.pack(span.address, span.count, bits, span.address);
          yield kernels.view(span.address, packedLength(bits, span.count));
        }
      } finally {
        nearest.close();
      }
    } finally {
      values.close();
    }
    if (notFinite > 0) this.onNonFinite?.(notFinite);
  }
}

/** What turns codes back: the tables, as they lie in the tensor. */
export interface PaletteDecoding {
  readonly bits: number;
  readonly layout: ScaleLayout;
  readonly table: Float32Array;
}

/** `table[group][code]`. @throws EdgewiseError `unsupported` for widths that are never packed. */
export function paletteDecoder(kernels: Kernels, { bits, layout, table }: PaletteDecoding): ChunkDecoder {
  if (!isCodeBits(bits)) throw new EdgewiseError('unsupported', `Codes of ${bits} bits are not read here.`);
  const tables = kernels.put(table);
  return {
    bitsPerElement: bits,
    decode: (stored, output) => {
      const codes = bits === 8 ? null : kernels.take(stored.count);
      if (codes !== null) kernels.codes.unpack(stored.address, stored.count, bits, false, codes.address);
      const span = { ...stored, address: codes?.address ?? stored.address };
      kernels.palettes.lookUp(span, layout, tables.address, bits, output);
      if (codes !== null) kernels.give(codes);
    },
    close: () => {
      kernels.give(tables);
    },
  };
}
