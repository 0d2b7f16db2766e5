import * as z from 'zod';

/** How a smaller network is made of a model; what it begins with is taken from the model. */
export const studentOptions = {
  width: z
    .number()
    .gt(0)
    .lte(1)
    .describe('Share of the channels that layers keep: the strongest. Inputs and outputs keep their shapes.')
    .optional(),
  depth: z
    .number()
    .gt(0)
    .lte(1)
    .describe('Share of the residual blocks that stay: 0.5 keeps every second one.')
    .optional(),
  rank: z
    .union([z.number().int().min(2).max(65_536), z.number().gt(0).lte(1)])
    .describe(
      'Layers become two of low rank: from 2 on the rank, up to 1 the share of the weights’ energy (squared) that stays.',
    )
    .optional(),
  share: z.boolean().describe('Layers of equal shapes in successive blocks have one set of weights.').optional(),
};

export const studentSchema = z
  .object(studentOptions)
  .strict()
  .refine((step) => Object.values(step).some((value) => value !== undefined && value !== false), {
    message: 'A student needs one of width, depth, rank and share.',
  });

export type StudentStep = z.infer<typeof studentSchema>;
