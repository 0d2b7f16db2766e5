import { nodesAt, orList, type RecipePath } from './allowed';

/** What the recipe's schema says of a field, as the command line's help words it: no capital, no full stop. */
export function fieldHelp(path: RecipePath): string {
  const [node] = nodesAt(path);
  const words = (node?.enum ?? []).map(String);
  const said = node?.description === undefined ? '' : plain(node.description);
  const usual = node?.default === undefined ? '' : usualText(node.default);
  return [said, orList(words), usual].filter((part) => part !== '').join('; ');
}

const usualText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? `default: ${value}` : '';

function plain(description: string): string {
  const [first = '', ...rest] = description.replace(/\.$/, '').replace('. Default: ', '; default: ');
  const isName = /^[A-Z]/.test(rest[0] ?? '');
  return (isName ? first : first.toLowerCase()) + rest.join('');
}
