import { version } from '../../package.json';

/** Of this build; reports and outputs carry it. */
export const VERSION: string = version;
