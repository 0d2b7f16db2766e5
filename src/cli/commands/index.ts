import type { CliCommand } from '../command';
import { compress } from './compress';
import { evaluate } from './evaluate';
import { inspect } from './inspect';
import { quantize } from './quantize';

/** Every verb, in the order of the help. */
export const COMMANDS: readonly CliCommand[] = [inspect, compress, quantize, evaluate];
