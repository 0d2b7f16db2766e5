/** The group of steps and bounds: they are not shrunk. */
export const SCALES = 'scales';
