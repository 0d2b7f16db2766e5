import * as z from 'zod';
import { readyMessage } from './page-messages';

/** More points than these on a curve cannot be seen; neighbours are put together. */
export const MOST_POINTS = 500;

/** Step and value. */
const curveSchema = z.array(z.tuple([z.number(), z.number()]));

export const trainingPhaseSchema = z.enum([
  'starting',
  'running',
  'paused',
  /** Asked to end; the step that runs, storing and measuring are still to come. */
  'stopping',
  'finished',
  /** The target was missed: no file was kept. */
  'missed',
  'cancelled',
  /** An error ended it, or its engine went. */
  'failed',
  /** The window that ran it was closed or reloaded. */
  'interrupted',
]);

/** All that the tab shows. Every message holds it whole, so that a page that was reloaded lacks nothing. */
export const trainingStateSchema = z.object({
  /** The model's file name. */
  model: z.string(),
  /** The recipe's file name. */
  recipe: z.string(),
  /** What is done, in words. */
  method: z.string(),
  phase: trainingPhaseSchema,
  /** The last line in words: what is happening, what went wrong, or how it ended. */
  line: z.string(),
  step: z.number(),
  steps: z.number().nullable(),
  epoch: z.number(),
  epochs: z.number(),
  samplesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  figure: z.object({ name: z.string(), lowerIsBetter: z.boolean() }).nullable(),
  /** What the model that it began with reaches on the same samples; null where that is not known. */
  original: z.number().nullable().default(null),
  best: z.object({ step: z.number(), value: z.number() }).nullable(),
  /** The step of the last checkpoint: what is cancelled or breaks goes on behind it. */
  savedStep: z.number().nullable(),
  curves: z.object({ loss: curveSchema, selection: curveSchema, rate: curveSchema }),
});

/** What a tab needs to go on after the window was reloaded. Paths are absolute. */
export const trainingJobSchema = z.object({
  model: z.string(),
  recipe: z.string(),
  /** Null until it has finished. */
  report: z.string().nullable(),
});

/** Host to the training tab. */
export const toTrainingTab = z.object({
  type: z.literal('state'),
  state: trainingStateSchema,
  job: trainingJobSchema,
});

/** The training tab to the host. */
export const fromTrainingTab = z.discriminatedUnion('type', [
  readyMessage,
  z.object({
    type: z.literal('action'),
    action: z.enum(['pause', 'go-on', 'stop', 'cancel', 'resume', 'open-report', 'open-recipe']),
  }),
]);

/** What the page leaves with VS Code, and the host gets back when it restores the tab. */
export const trainingPageStateSchema = z.object({ state: trainingStateSchema, job: trainingJobSchema });

export type TrainingState = z.infer<typeof trainingStateSchema>;
export type TrainingPhase = z.infer<typeof trainingPhaseSchema>;
export type TrainingJob = z.infer<typeof trainingJobSchema>;
export type TrainingPageState = z.infer<typeof trainingPageStateSchema>;
export type ToTrainingTab = z.infer<typeof toTrainingTab>;
export type FromTrainingTab = z.infer<typeof fromTrainingTab>;
