import { Command } from 'commander';
import { VERSION } from '../core/version';
import type { CliCommand, CliContext } from './command';
import { COMMANDS } from './commands';

const EXAMPLES = `
Examples:
  See what is in a model, layer by layer
    $ edgewise inspect digits.onnx
  Make it smaller and faster, and measure what it costs
    $ edgewise compress digits.onnx --to int8 --data digits.npz
  The same as a recipe in the repository, refused when more than half a point of accuracy is lost
    $ edgewise compress digits.onnx --recipe digits.edgewise.yaml --max-drop 0.5
  Without any data: weights only
    $ edgewise compress digits.onnx --to int8-weights
  Measure a model
    $ edgewise evaluate digits.int8.onnx --data digits.npz

The original file is never touched. Exit codes: 0 done, 1 failed, 2 bad usage, 3 a target such as --max-drop was missed.
"edgewise help compress" tells more about one command.`;

/** The whole command line. Errors are thrown, never printed as a stack; help goes to standard output. */
export function buildProgram(context: CliContext): Command {
  const program = new Command('edgewise')
    .description('See inside a neural network and make it fit the edge, without Python.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(sentence(text)) })
    .showSuggestionAfterError();
  for (const command of COMMANDS) add(program, command, context);
  return program;
}

function add(program: Command, { name, summary, declare, run }: CliCommand, context: CliContext): void {
  const command = program.command(name).summary(summary).helpOption('-h, --help', 'print this help');
  declare(command);
  command.action(() => run(command.args, command.opts(), context));
}

/** Commander's "error: unknown option '--foo'" as our other sentences are: "Unknown option '--foo'." */
function sentence(text: string): string {
  const [first = '', ...rest] = text
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const ended = /[.?)]$/.test(first) ? first : `${first}.`;
  const hint = rest.join(' ').trim();
  return `${ended.charAt(0).toUpperCase()}${ended.slice(1)}${hint === '' ? '' : ` ${hint}`} See "edgewise help".\n`;
}
