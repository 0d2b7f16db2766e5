import type { ModelMessage } from '../../src/protocol/page-messages';

export interface Module {
  name: string;
  bytes: number;
  parameters: number;
  /** 0..1 of all layers' bytes. */
  share: number;
}

/** Modules shown by name; smaller ones share a line. */
const SHOWN = 8;

/** Where the bytes are: by top-level module, the heaviest first. A prefix that every layer has is no module. */
export function heaviestModules(layers: ModelMessage['summary']['layers']): { shown: Module[]; rest: Module | null } {
  const depth = commonDepth(layers.map((layer) => layer.path));
  const byName = new Map<string, { bytes: number; parameters: number }>();
  let all = 0;
  for (const { path, name, bytes, parameters } of layers) {
    const module = path.slice(0, depth + 1).join('.') || name;
    const sum = byName.get(module) ?? { bytes: 0, parameters: 0 };
    byName.set(module, { bytes: sum.bytes + bytes, parameters: sum.parameters + parameters });
    all += bytes;
  }
  const modules = [...byName]
    .filter(([, sum]) => sum.bytes > 0)
    .map(([name, sum]): Module => ({ name, ...sum, share: sum.bytes / all }))
    .sort((a, b) => b.bytes - a.bytes);
  const others = modules.slice(SHOWN);
  return { shown: modules.slice(0, SHOWN), rest: others.length > 0 ? together(others) : null };
}

function together(modules: readonly Module[]): Module {
  const sum = (figure: (module: Module) => number): number => modules.reduce((total, one) => total + figure(one), 0);
  return {
    name: `${modules.length} others`,
    bytes: sum((one) => one.bytes),
    parameters: sum((one) => one.parameters),
    share: sum((one) => one.share),
  };
}

/** How many first parts all paths of more than one part share, when there are any: "model" in "model.layers.0.fc". */
function commonDepth(paths: readonly (readonly string[])[]): number {
  const deep = paths.filter((path) => path.length > 1);
  const first = deep[0];
  if (!first || deep.length < 2) return 0;
  let depth = 0;
  while (depth < first.length - 1 && deep.every((path) => path.length > depth + 1 && path[depth] === first[depth]))
    depth++;
  return depth;
}
