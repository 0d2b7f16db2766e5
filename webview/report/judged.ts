import { magnitude, percent } from '../shared/format';
import type { Measurement } from './report-types';

type Judged = Pick<Measurement, 'metric' | 'headline'>;

/** What a model was judged by, with a capital: "Accuracy", "Mean IoU". */
export function judgedName({ metric, headline }: Judged): string {
  const name = headline?.name ?? (metric ?? 'accuracy').replaceAll('-', ' ');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** True where values are shares and differences are points; errors and perplexities are plain numbers. */
export const isShare = ({ headline }: Pick<Judged, 'headline'>): boolean => headline?.unit !== 'number';

export const judgedText = (of: Pick<Judged, 'headline'>, value: number, decimals = 1): string =>
  isShare(of) ? percent(value, decimals) : magnitude(value);
