import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@lezer/python';
import { valueOf, type PythonValue } from './python-values';

/** A call of a script, with its callee spelled out through the imports: `nn.Conv2d` is "torch.nn.Conv2d". */
export interface PythonCall {
  readonly callee: string;
  readonly positional: readonly (PythonValue | undefined)[];
  readonly named: ReadonlyMap<string, PythonValue | undefined>;
  /** False when arguments are handed on with `*` or `**`: then any may be among them. */
  readonly complete: boolean;
  /** Offsets of the call in the text. */
  readonly from: number;
  readonly to: number;
  /** Where the result goes, as a module attribute: "conv1", "net.0"; null where that is not said. */
  readonly target: string | null;
}

/** Longer files are not scripts that anyone wrote. */
const MAX_CHARACTERS = 2_000_000;

/** Every call of a Python file, by its grammar. The file is parsed, never run. */
export function pythonCalls(text: string): PythonCall[] {
  if (text.length > MAX_CHARACTERS) return [];
  const tree = parser.parse(text);
  const script = new Script(text, tree);
  const calls: PythonCall[] = [];
  tree.iterate({
    enter: (ref) => {
      if (ref.name !== 'CallExpression') return;
      const call = script.call(ref.node);
      if (call) calls.push(call);
    },
  });
  return calls;
}

/** What stands between commas; of an assignment the targets apart from the values. */
interface Elements {
  readonly targets: readonly SyntaxNode[];
  /** By the offset of an element, or of a value. */
  readonly positions: ReadonlyMap<number, number>;
}

class Script {
  private readonly imports = new Map<string, string>();
  private readonly bindings = new Map<string, number>();
  private readonly constants = new Map<string, PythonValue>();
  private readonly elements = new Map<string, Elements>();

  constructor(
    private readonly text: string,
    tree: Tree,
  ) {
    tree.iterate({ enter: (ref) => this.countBinding(ref.node) });
    tree.iterate({
      enter: (ref) => {
        if (ref.name === 'ImportStatement') this.readImport(ref.node);
        else if (ref.name === 'AssignStatement') this.readConstant(ref.node);
      },
    });
  }

  call(node: SyntaxNode): PythonCall | null {
    const callee = node.firstChild ? this.dotted(node.firstChild) : null;
    const list = node.getChild('ArgList');
    if (callee === null || !list) return null;
    return { callee, ...this.argumentsOf(list), from: node.from, to: node.to, target: this.targetOf(node) };
  }

  private slice(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  /** A dotted name with its first part replaced by what it was imported as. */
  private dotted(node: SyntaxNode): string | null {
    if (node.name === 'VariableName') return this.imports.get(this.slice(node)) ?? this.slice(node);
    if (node.name !== 'MemberExpression' || !node.firstChild || !node.lastChild) return null;
    const object = this.dotted(node.firstChild);
    return object === null || node.lastChild.name !== 'PropertyName' ? null : `${object}.${this.slice(node.lastChild)}`;
  }

  private argumentsOf(list: SyntaxNode): Pick<PythonCall, 'positional' | 'named' | 'complete'> {
    const positional: (PythonValue | undefined)[] = [];
    const named = new Map<string, PythonValue | undefined>();
    let complete = true;
    for (let child = list.firstChild; child; child = child.nextSibling) {
      if ('(),'.includes(child.name) || child.name === 'Comment') continue;
      if (child.name === '*' || child.name === '**') {
        complete = false;
        child = child.nextSibling ?? child;
        continue;
      }
      const next = child.nextSibling;
      if (child.name === 'VariableName' && next?.name === 'AssignOp' && next.nextSibling) {
        named.set(this.slice(child), valueOf(next.nextSibling, this.text, this.constants));
        child = next.nextSibling;
      } else if (complete) positional.push(valueOf(child, this.text, this.constants));
    }
    return { positional, named, complete };
  }

  /** `self.conv1 = …` gives "conv1"; inside `self.net = nn.Sequential(…)` the second is "net.1", in a list of modules too. */
  private targetOf(call: SyntaxNode): string | null {
    const parent = call.parent;
    if (parent?.name === 'AssignStatement') return this.attribute(this.assignedTo(parent, call));
    const list = parent?.name === 'ArrayExpression' ? parent.parent : parent;
    const outer = list?.name === 'ArgList' ? list.parent : null;
    if (!parent || outer?.name !== 'CallExpression' || !outer.firstChild) return null;
    const holds = parent.name === 'ArrayExpression' ? 'torch.nn.ModuleList' : 'torch.nn.Sequential';
    if (this.dotted(outer.firstChild) !== holds) return null;
    const container = this.targetOf(outer);
    return container === null ? null : `${container}.${this.elementsOf(parent).positions.get(call.from) ?? 0}`;
  }

  /** `self.a, self.b = …, …`: the target at the position of the value. */
  private assignedTo(statement: SyntaxNode, value: SyntaxNode): SyntaxNode | null {
    const { targets, positions } = this.elementsOf(statement);
    return targets[positions.get(value.from) ?? 0] ?? null;
  }

  /** Counted once a list: counting anew for each of its elements would take the square of its length. */
  private elementsOf(list: SyntaxNode): Elements {
    const key = `${list.name} ${list.from}`;
    const known = this.elements.get(key) ?? elementsOf(list);
    this.elements.set(key, known);
    return known;
  }

  private attribute(target: SyntaxNode | null): string | null {
    if (target?.name !== 'MemberExpression' || !target.firstChild || !target.lastChild) return null;
    return this.slice(target.firstChild) === 'self' ? this.slice(target.lastChild) : null;
  }

  /** `WIDTH = 32`: a name that is bound once in the whole file, to something that can be read off it. */
  private readConstant(node: SyntaxNode): void {
    const { firstChild: name, lastChild: value } = node;
    const next = name?.nextSibling;
    const operator = next?.name === 'TypeDef' ? next.nextSibling : next;
    if (name?.name !== 'VariableName' || operator?.name !== 'AssignOp' || !value) return;
    const key = this.slice(name);
    if (this.bindings.get(key) !== 1) return;
    const known = valueOf(value, this.text, this.constants);
    if (known !== undefined) this.constants.set(key, known);
  }

  /** Counts everything that gives a name a value: assignments, parameters, loops, `with … as`, `:=`. */
  private countBinding(node: SyntaxNode): void {
    if (node.name !== 'VariableName' || !isBinding(node)) return;
    const name = this.slice(node);
    this.bindings.set(name, (this.bindings.get(name) ?? 0) + 1);
  }

  /** `import a.b as c`, `import a`, `from a.b import c as d, e` */
  private readImport(node: SyntaxNode): void {
    const words: string[] = [];
    for (let child = node.firstChild; child; child = child.nextSibling) words.push(this.slice(child));
    const from = words[0] === 'from' ? words.indexOf('import') : 0;
    const prefix = from > 0 ? `${words.slice(1, from).join('')}.` : '';
    for (const names of splitAt(
      words.slice(from + 1).filter((word) => word !== '(' && word !== ')'),
      ',',
    )) {
      const alias = names.indexOf('as');
      const full = prefix + names.slice(0, alias < 0 ? names.length : alias).join('');
      const local = alias < 0 ? (prefix === '' ? (full.split('.')[0] ?? full) : names.join('')) : names[alias + 1];
      if (local) this.imports.set(local, alias < 0 && prefix === '' ? local : full);
    }
  }
}

/** Statements in which a name that comes before the value is bound. */
const BINDERS = new Set(['AssignStatement', 'UpdateStatement', 'ForStatement', 'NamedExpression', 'WithStatement']);
const NESTING = new Set(['TupleExpression', 'ArrayExpression', 'ParenthesizedExpression']);

function isBinding(name: SyntaxNode): boolean {
  if (name.parent?.name === 'ParamList') return name.prevSibling?.name !== 'AssignOp';
  let target = name;
  while (target.parent && NESTING.has(target.parent.name)) target = target.parent;
  if (!target.parent || !BINDERS.has(target.parent.name)) return false;
  if (target.parent.name === 'WithStatement') return target.prevSibling?.name === 'as';
  // What follows `=`, `+=`, `:=` or `in` is the value.
  for (let before = target.prevSibling; before; before = before.prevSibling) {
    if (['AssignOp', 'UpdateOp', 'in'].includes(before.name)) return isChained(target);
  }
  return true;
}

/** `a = b = 3` binds both. */
function isChained(target: SyntaxNode): boolean {
  return target.nextSibling?.name === 'AssignOp';
}

function elementsOf(list: SyntaxNode): Elements {
  const targets: SyntaxNode[] = [];
  const positions = new Map<number, number>();
  let position = 0;
  let isTarget = list.name === 'AssignStatement';
  for (let child = list.firstChild; child; child = child.nextSibling) {
    if (child.name === ',') position += 1;
    else if (child.name === 'AssignOp') {
      position = 0;
      isTarget = false;
    } else {
      positions.set(child.from, position);
      if (isTarget) targets[position] ??= child;
    }
  }
  return { targets, positions };
}

function splitAt(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts.filter((part) => part.length > 0);
}
