import path from 'node:path';
import { streamStatistics } from '../core/analysis/statistics';
import { summarize } from '../core/analysis/summary';
import { reportHtml } from '../core/evaluation/report/html';
import { reportPageAssets } from '../core/evaluation/report/page-file';
import { readReport } from '../core/evaluation/report/read';
import { writeTextFile } from '../core/evaluation/report/write';
import { readModel } from '../core/formats';
import { checkData } from '../core/recipe/check-data';
import { evaluateModel } from '../core/recipe/evaluate';
import { foundPreprocessing } from '../core/recipe/found-preprocessing';
import { recipeProblems } from '../core/recipe/problems';
import { withData } from '../core/recipe/write-data';
import { recipeText } from '../core/recipe/recipe-text';
import { previewData } from '../core/recipe/preview/preview-data';
import { readRecipe } from '../core/recipe/read';
import { rebasePath, rebaseRecipe } from '../core/recipe/rebase';
import { compressCommand } from '../core/recipe/to-command';
import { VERSION } from '../core/version';
import { ENGINE_PROTOCOL, type EngineMethod, type EngineRequests } from '../protocol/engine';
import { compressBeside } from './compress-beside';
import { throttled } from './throttle';
import { steer, train } from './train';

export interface HandlerContext<M extends EngineMethod> {
  readonly signal: AbortSignal;
  progress(value: EngineRequests[M]['progress']): void;
}

export type Handler<M extends EngineMethod> = (
  params: EngineRequests[M]['params'],
  context: HandlerContext<M>,
) => Promise<EngineRequests[M]['result']>;

/** One handler a method; the core does the work. */
export const HANDLERS: { readonly [M in EngineMethod]: Handler<M> } = {
  hello: () => Promise.resolve({ protocol: ENGINE_PROTOCOL, version: VERSION, pid: process.pid }),

  statistics: async ({ model: file, first }, { signal, progress }) => {
    const model = await readModel(file);
    return streamStatistics(model, summarize(model), { first, signal }, progress);
  },

  compress: (request, context) => compressBeside(request, throttled(context)),

  evaluate: (request, context) => evaluateModel(request, throttled(context)),

  train,

  pauseTraining: () => Promise.resolve(steer('pause')),

  resumeTraining: () => Promise.resolve(steer('resume')),

  stopTraining: () => Promise.resolve(steer('stop')),

  checkData: (request, context) => checkData(request, throttled(context)),

  previewData: (request, context) => previewData(request, throttled(context)),

  findPreprocessing: (request, context) => foundPreprocessing(request, throttled(context)),

  checkRecipe: ({ text }) => Promise.resolve({ problems: recipeProblems(text) }),

  recipeText: ({ recipe, heading }) => Promise.resolve({ text: recipeText(recipe, heading) }),

  writeData: ({ text, data }) => Promise.resolve({ text: withData(text, data) }),

  readRecipe: ({ file }) => readRecipe(file),

  commandLine: ({ model, recipe, base, recipeFile }) => {
    const folder = path.dirname(model);
    const options =
      recipeFile === undefined ? {} : { recipeFile: rebasePath(recipeFile, base, folder), preferFile: true };
    const command = compressCommand(path.basename(model), rebaseRecipe(recipe, base, folder), options);
    return Promise.resolve({ command });
  },

  exportReport: async ({ report, output }) => {
    const html = reportHtml(await readReport(report), await reportPageAssets(__dirname));
    await writeTextFile(output, html, { overwrite: true });
    return { output };
  },
};
