import * as z from 'zod';
import { recipeSchema } from './recipe.schema';

/** The recipe's schema as JSON Schema: what editors complete from, and what error sentences say is allowed. */
export function recipeJsonSchema(): object {
  return {
    title: 'Edgewise recipe',
    description: 'What to make of a neural network, with which data, and what it may cost.',
    ...z.toJSONSchema(recipeSchema, { io: 'input' }),
  };
}
