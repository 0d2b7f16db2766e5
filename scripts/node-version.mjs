// Runs on any Node with modules, so that an old one is told about in a sentence: no `node:` imports, no newer syntax.
const OLDEST = 20;

/** Ends the process with a sentence where Node is too old. */
export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST) return;
  console.error(
    'Edgewise needs Node ' +
      OLDEST +
      ' or later; this is Node ' +
      process.versions.node +
      '. Get a newer one from nodejs.org, then run this again.',
  );
  process.exit(1);
}
