import { zipSync } from 'fflate';

/** A .npz of uint8 arrays, NumPy's format 1.0: `npz({ labels: { shape: [2], bytes } })`. */
export function npz(arrays: Record<string, { shape: readonly number[]; bytes: Uint8Array }>): Uint8Array {
  const entries = Object.entries(arrays).map(([name, { shape, bytes }]) => [`${name}.npy`, npy(shape, bytes)] as const);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

function npy(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const list = shape.length === 1 ? `${shape.join('')},` : shape.join(', ');
  const facts = `{'descr': '|u1', 'fortran_order': False, 'shape': (${list}), }`;
  const header = `${facts.padEnd(117)}\n`;
  const magic = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0];
  return new Uint8Array(Buffer.concat([Buffer.from(magic), Buffer.from(header, 'latin1'), bytes]));
}
