import { rule, type RuleFamily } from '../family';

/** From float32 to itself; gradients end at every other type. */
const unchanged = rule(({ gradients: [dy] }) => [dy ?? null]);

export const CONVERSION: RuleFamily = { Cast: unchanged, CastLike: unchanged };
