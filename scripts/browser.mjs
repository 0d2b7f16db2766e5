/** The Chromium or Chrome that browser tests use: found, or on Debian as root installed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export const HOW_TO_GET_A_BROWSER =
  'No Chromium or Chrome was found. Install one (Debian, Ubuntu: "apt-get install chromium"; elsewhere Google Chrome), ' +
  'or name its executable in EDGEWISE_BROWSER.';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Flags that a headless browser needs in a container, and that keep it from asking the network for anything. */
export const BROWSER_FLAGS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The executable's path, or null. */
export function findBrowser() {
  const named = process.env.EDGEWISE_BROWSER;
  if (named) return existsSync(named) ? named : null;
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))), ...PLACES];
  return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

/** The executable's path; on Debian as root it is installed first. Null where there is none and none can be had. */
export function ensureBrowser() {
  const found = findBrowser();
  if (found || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return found;
  console.error('Installing Chromium from Debian’s packages …');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  try {
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      options,
    );
  } catch {
    return null;
  }
  return findBrowser();
}
