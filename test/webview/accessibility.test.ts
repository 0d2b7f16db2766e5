import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserFor } from '../browser';
import { Harness, type Webview } from './harness';
import { sampleFront, sampleReport } from './report-samples';
import { residualNetwork, statisticsOf } from './samples';
import { THEME_NAMES } from './themes';

const browser = browserFor('Accessibility of the pages');

describe.skipIf(browser === null)('accessibility', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await Harness.start(browser ?? '');
  });
  afterAll(() => harness.stop());

  const model = {
    type: 'model',
    generation: 1,
    file: 'resnet.onnx',
    summary: residualNetwork(),
    changes: ['fc changed.'],
  };

  /** Shows something, then asks axe. */
  async function check(view: Webview): Promise<void> {
    // Colours are judged once fades are over.
    await view.page.waitForTimeout(500);
    expect(await view.accessibilityProblems()).toEqual([]);
  }

  describe.each(THEME_NAMES)('%s', (theme) => {
    it.each([300, 900])('Layers view, %i px wide', async (width) => {
      const view = await harness.open('layers', { theme, width });
      await view.send(model);
      await view.send({ type: 'statistics', generation: 1, layers: statisticsOf(residualNetwork()), done: true });
      await view.send({ type: 'select', layer: 'layer2.0.conv1' });
      await check(view);
      await view.page.locator('.row').nth(3).click();
      await check(view);
      await view.send({ type: 'empty' });
      await check(view);
      await view.send({ type: 'problem', message: 'resnet.onnx is empty.' });
      await check(view);
      await view.close();
    });

    it.each([300, 1000])('model editor, %i px wide', async (width) => {
      const view = await harness.open('model', { theme, width });
      await view.send(model);
      await check(view);
      await view.page.getByRole('tab', { name: 'Layers' }).click();
      await view.send({ type: 'select', layer: 'layer2.0.conv1' });
      await check(view);
      await view.close();
    });

    it.each([300, 1000])('report, %i px wide', async (width) => {
      const view = await harness.open('report', { theme, width });
      await view.send({
        type: 'report',
        file: 'resnet.int8.edgewise.json',
        report: sampleReport(sampleFront()),
      });
      for (const summary of await view.page.getByText('The same as a table').all()) await summary.click();
      await view.page.getByText(/^Histograms of/).click();
      await view.page.locator('.point').first().focus();
      await check(view);
      await view.close();
    });
  });
});
