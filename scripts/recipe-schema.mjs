/** The JSON Schema of recipes, made from the schema that reads them: for the editor's completion and for other editors. */
import { build } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param {string} root the checkout @returns {Promise<void>} writes out/recipe.schema.json */
export async function writeRecipeSchema(root) {
  const outfile = path.join(root, '.cache', 'recipe-schema.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/core/recipe/json-schema.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const { recipeJsonSchema } = await import(pathToFileURL(outfile).href);
  mkdirSync(path.join(root, 'out'), { recursive: true });
  writeFileSync(path.join(root, 'out', 'recipe.schema.json'), `${JSON.stringify(recipeJsonSchema(), null, 1)}\n`);
}
