import * as z from 'zod';
import { dataSchema, recipeSchema } from '../core/recipe/recipe.schema';
import type { EngineMethod } from '../protocol/engine';

const job = { model: z.string(), base: z.string() };
const compress = {
  ...job,
  recipe: recipeSchema,
  output: z.string().optional(),
  overwrite: z.boolean().optional(),
  force: z.boolean().optional(),
  recipeFile: z.string().optional(),
};

/** What each request must bring: checked at the boundary, although both sides are ours. */
export const paramsSchemas = {
  hello: z.object({ protocol: z.number(), version: z.string() }),
  statistics: z.object({ model: z.string(), first: z.array(z.string()) }),
  compress: z.object(compress),
  train: z.object({ ...compress, provider: z.string().optional() }),
  pauseTraining: z.object({}),
  resumeTraining: z.object({}),
  stopTraining: z.object({}),
  evaluate: z.object({ ...job, data: dataSchema }),
  checkData: z.object({ ...job, data: dataSchema }),
  previewData: z.object({ ...job, data: dataSchema }),
  findPreprocessing: z.object({ ...job, data: dataSchema }),
  recipeText: z.object({ recipe: recipeSchema, heading: z.string() }),
  checkRecipe: z.object({ text: z.string() }),
  writeData: z.object({ text: z.string(), data: dataSchema }),
  readRecipe: z.object({ file: z.string() }),
  commandLine: z.object({ ...job, recipe: recipeSchema, recipeFile: z.string().optional() }),
  exportReport: z.object({ report: z.string(), output: z.string() }),
} satisfies Record<EngineMethod, z.ZodType>;
