import * as z from 'zod';
import { recipeSchema } from '../../../src/core/recipe/recipe.schema';

/** What is used of JSON Schema, as zod writes it. */
interface SchemaNode {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  /** Of a mapping with any keys: what they lead to. */
  additionalProperties?: SchemaNode | boolean;
  prefixItems?: SchemaNode[];
  items?: SchemaNode;
  minItems?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

/** One value for one field. */
export interface FieldSample {
  /** "data.input.size"; entries of lists are "[]". */
  readonly field: string;
  /** A recipe without defaults that has this value, and what it cannot do without. */
  readonly recipe: unknown;
}

/** Texts that a shell, a comma or a parser of options could take for something else. */
export const TEXTS = ['plain', "it's $HOME, really", 'a,b', 'back\\slash', '--dash'];

/**
 * For every field of the recipe's schema, recipes with each kind of value that it takes: every word of an enumeration,
 * numbers within the bounds, each form of a union. A new field is in here by being in the schema.
 */
export function fieldSamples(): FieldSample[] {
  const root = z.toJSONSchema(recipeSchema, { io: 'input' }) as SchemaNode;
  return Object.entries(root.properties ?? {}).flatMap(([name, node]) =>
    samplesOf(node, name).map(({ field, value }) => ({ field, recipe: { version: 1, ...steps(name), [name]: value } })),
  );
}

/** Every recipe does something. */
function steps(field: string): object {
  return field === 'steps' ? {} : { steps: [{ quantize: { weights: 'int8' } }] };
}

interface Sample {
  readonly field: string;
  readonly value: unknown;
}

function samplesOf(node: SchemaNode, field: string): Sample[] {
  if (node.anyOf) return node.anyOf.flatMap((one) => samplesOf(one, field));
  if (node.properties) return objectSamples(node, field);
  if (typeof node.additionalProperties === 'object') return recordSamples(node.additionalProperties, field);
  if (node.prefixItems) return [{ field, value: node.prefixItems.map((one, at) => plain(one, at)) }];
  if (node.type === 'array') return listSamples(node, field);
  return valuesOf(node).map((value) => ({ field, value }));
}

function objectSamples({ properties = {}, required = [] }: SchemaNode, field: string): Sample[] {
  const needed = neededOf({ properties, required });
  return Object.entries(properties).flatMap(([name, node]) =>
    samplesOf(node, `${field}.${name}`).map((one) => ({ ...one, value: { ...needed, [name]: one.value } })),
  );
}

/** A mapping with any keys: two of them at once. */
function recordSamples(values: SchemaNode, field: string): Sample[] {
  return samplesOf(values, field).map((one) => ({ ...one, value: { plain: one.value, 'it is another': one.value } }));
}

/** Lists of one kind of entry: several at once where entries are plain, since one alone may be written without a list. */
function listSamples({ items = {}, minItems = 2 }: SchemaNode, field: string): Sample[] {
  const isPlain = items.properties === undefined && items.anyOf === undefined;
  if (!isPlain) return samplesOf(items, `${field}[]`).map((one) => ({ ...one, value: [one.value] }));
  const values = valuesOf(items);
  const length = Math.max(2, minItems);
  return [
    {
      field,
      value: Array.from(
        { length: Math.max(length, minItems > 2 ? 0 : values.length) },
        (_, at) => values[at % values.length],
      ),
    },
  ];
}

/** The fields that a mapping cannot do without. */
function neededOf({ properties = {}, required = [] }: SchemaNode): object {
  return Object.fromEntries(required.map((name) => [name, plain(properties[name] ?? {}, 0)]));
}

function plain(node: SchemaNode, at: number): unknown {
  if (node.anyOf) return plain(node.anyOf[0] ?? {}, at);
  if (node.properties) return neededOf(node);
  if (node.type === 'array') return [plain(node.items ?? {}, at)];
  const values = valuesOf(node);
  return values[at % values.length];
}

function valuesOf(node: SchemaNode): unknown[] {
  if (node.const !== undefined) return [node.const];
  if (node.enum) return node.enum;
  switch (node.type) {
    case 'boolean':
      return [true, false];
    case 'string':
      return TEXTS;
    case 'integer':
      return [lowest(node), Math.min(lowest(node) + 15, node.maximum ?? Infinity)];
    case 'number':
      return [lowest(node), 1 / 255, 0.125];
    default:
      throw new Error(`The samples know no ${JSON.stringify(node)}.`);
  }
}

/** Numbers without a bound may be negative, which an option parser could take for a flag. */
function lowest({ minimum, exclusiveMinimum, maximum = Infinity, exclusiveMaximum = Infinity }: SchemaNode): number {
  if (exclusiveMinimum !== undefined)
    return exclusiveMinimum + 1 < Math.min(maximum, exclusiveMaximum) ? exclusiveMinimum + 1 : exclusiveMinimum + 0.5;
  return minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? -3 : minimum;
}
