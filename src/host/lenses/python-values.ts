import type { SyntaxNode } from '@lezer/common';

/** What an expression is worth where that can be read off the text; undefined where it cannot. */
export type PythonValue = number | boolean | string | null | PythonValue[];

export type Constants = ReadonlyMap<string, PythonValue>;

/** Nested expressions beyond this are no layer's arguments. */
const MAX_DEPTH = 32;

/** Evaluates literals, tuples, names of constants and integer arithmetic. Nothing is run. */
export function valueOf(node: SyntaxNode, text: string, constants: Constants, depth = 0): PythonValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const source = text.slice(node.from, node.to);
  const inner = (child: SyntaxNode): PythonValue | undefined => valueOf(child, text, constants, depth + 1);
  switch (node.name) {
    case 'Number':
      return numberOf(source);
    case 'String':
      return stringOf(source);
    case 'Boolean':
      return source === 'True';
    case 'None':
      return null;
    case 'VariableName':
      return constants.get(source);
    case 'ParenthesizedExpression': {
      const child = node.firstChild?.nextSibling;
      return child ? inner(child) : undefined;
    }
    case 'TupleExpression':
    case 'ArrayExpression':
      return elementsOf(node, inner);
    case 'UnaryExpression': {
      const value = node.lastChild ? inner(node.lastChild) : undefined;
      return source.startsWith('-') && typeof value === 'number' ? -value : undefined;
    }
    case 'BinaryExpression':
      return arithmetic(node, text, inner);
    default:
      return undefined;
  }
}

function numberOf(source: string): number | undefined {
  const value = Number(source.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}

/** A plain literal between one pair of quotes; prefixed and triple-quoted ones are no paths. */
function stringOf(source: string): string | undefined {
  const quote = source[0];
  if ((quote !== '"' && quote !== "'") || source.startsWith(quote.repeat(3)) || !source.endsWith(quote))
    return undefined;
  const content = source.slice(1, -1);
  return content.includes('\\') ? undefined : content;
}

function elementsOf(
  node: SyntaxNode,
  inner: (child: SyntaxNode) => PythonValue | undefined,
): PythonValue[] | undefined {
  const values: PythonValue[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if ('()[],'.includes(child.name)) continue;
    const value = inner(child);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function arithmetic(
  node: SyntaxNode,
  text: string,
  inner: (child: SyntaxNode) => PythonValue | undefined,
): number | undefined {
  const { firstChild: left, lastChild: right } = node;
  const operator = left?.nextSibling;
  if (!left || !right || !operator) return undefined;
  const a = inner(left);
  const b = inner(right);
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  switch (text.slice(operator.from, operator.to)) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return b === 0 ? undefined : Math.floor(a / b);
    case '**':
      return a ** b;
    default:
      return undefined;
  }
}
