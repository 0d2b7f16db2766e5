import type { CliCommand } from '../command';
import { compress } from './compress';
import { distil } from './distil';
import { evaluate } from './evaluate';
import { inspect } from './inspect';
import { quantize } from './quantize';
import { student } from './student';
import { train } from './train';

/** Every verb, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [inspect, compress, quantize, train, distil, student, evaluate];
