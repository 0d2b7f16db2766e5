import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER_FLAGS, browserFor } from '../browser';
import { edgewise, prepare, removeWorkspace, workspace } from './command-line';

const executablePath = browserFor('The report as one HTML file');

describe.skipIf(executablePath === null)('the report as one HTML file, opened from the disk', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    await prepare();
    folder = await workspace();
    const data = ['--test', 'data/test.npz:300', '--calibration', 'data/calibration.npz:100', '--scale', '1/255'];
    const { code } = await edgewise(folder, ['compress', 'digits.onnx', '--to', 'int8', ...data, '--html']);
    expect(code).toBe(0);
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: BROWSER_FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    await removeWorkspace(folder);
  });

  it.each(['light', 'dark'] as const)(
    'shows the verdict in %s, loads nothing, breaks no policy',
    async (colorScheme) => {
      const page = await browser.newPage({ colorScheme });
      const requests: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      const url = pathToFileURL(path.join(folder, 'digits.int8.edgewise.html')).href;
      await page.goto(url);
      await page
        .getByText(/times smaller/)
        .first()
        .waitFor();
      await page.getByText('conv2').first().waitFor();
      expect(requests).toEqual([url]);
      expect(complaints).toEqual([]);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(background).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(31, 31, 31)');
      await page.close();
    },
  );
});
