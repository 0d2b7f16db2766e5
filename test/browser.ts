import { BROWSER_FLAGS, findBrowser, HOW_TO_GET_A_BROWSER } from '../scripts/browser.mjs';

export { BROWSER_FLAGS };

/** The path of a Chromium or Chrome, or null with one line saying which suite will not run and how to get one. */
export function browserFor(suite: string): string | null {
  const browser = findBrowser();
  if (browser === null) console.warn(`${suite}: not run. ${HOW_TO_GET_A_BROWSER}`);
  return browser;
}
