import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingState } from '../../src/protocol/training';
import { browserFor } from '../browser';
import { Harness, type OpenOptions, type Webview } from './harness';
import { THEME_NAMES } from './themes';

const browser = browserFor('The training tab in a browser');

/** A curve as training draws it: falls fast, then slowly, with some noise. */
const loss = Array.from({ length: 240 }, (_, at): [number, number] => [
  at + 1,
  2.1 * Math.exp(-at / 30) + 0.05 + 0.02 * Math.sin(at * 1.7),
]);
const rate = loss.map(([step]): [number, number] => [step, 5e-4 * (1 + Math.cos((Math.PI * step) / 360))]);

const training = (change: Partial<TrainingState> = {}): TrainingState => ({
  model: 'digits.onnx',
  recipe: 'digits.edgewise.yaml',
  method: 'Training with int4 weights and uint8 activations',
  phase: 'running',
  line: 'Training: step 240 of 360, loss 0.0513',
  step: 240,
  steps: 360,
  epoch: 2,
  epochs: 3,
  samplesPerSecond: 4127.3,
  secondsLeft: 12.2,
  figure: { name: 'accuracy', lowerIsBetter: false },
  original: 0.9812,
  best: { step: 200, value: 0.9767 },
  savedStep: 240,
  curves: {
    loss,
    rate,
    selection: [
      [40, 0.9012],
      [80, 0.9488],
      [120, 0.9634],
      [160, 0.9721],
      [200, 0.9767],
      [240, 0.9758],
    ],
  },
  ...change,
});

const EMPTY: Partial<TrainingState> = {
  ...{ phase: 'starting', line: 'Measuring digits.onnx', step: 0, steps: null, epoch: 0 },
  ...{ samplesPerSecond: null, secondsLeft: null, figure: null, best: null, savedStep: null },
  original: null,
  curves: { loss: [], rate: [], selection: [] },
};

const message = (state: TrainingState): unknown => ({
  type: 'state',
  state,
  job: { model: '/models/digits.onnx', recipe: '/models/digits.edgewise.yaml', report: null },
});

describe.skipIf(browser === null)('the training tab', () => {
  let harness: Harness;
  let view: Webview;

  beforeAll(async () => {
    harness = await Harness.start(browser ?? '');
  });
  afterAll(() => harness.stop());
  afterEach(() => view.close());

  async function open(state: TrainingState, options: OpenOptions = {}): Promise<void> {
    view = await harness.open('training', options);
    await view.send(message(state));
  }
  const buttons = (): Promise<string[]> => view.page.locator('vscode-button').allInnerTexts();
  const pressed = async (words: string): Promise<unknown> => {
    await view.page.getByText(words, { exact: true }).click();
    return (await view.posted()).at(-1);
  };

  it('says how far training is, how fast, and how long it takes still', async () => {
    await open(training());
    expect(await view.page.locator('h1').innerText()).toBe('Training digits.onnx');
    const facts = await view.page.locator('.facts').innerText();
    for (const fact of ['240 of 360', '2.00 of 3', '4,130', '12\u00a0s', '97.67\u00a0%, step 200'])
      expect(facts).toContain(fact);
    expect(await view.page.locator('.line').innerText()).toBe('Training: step 240 of 360, loss 0.0513');
  });

  it('draws loss, figure and learning rate, and marks the best so far', async () => {
    await open(training());
    expect(await view.page.locator('path.curve').count()).toBe(3);
    expect(await view.page.locator('.best + .label').innerHTML()).toContain('best');
    await view.picture('training-running-dark');
  });

  it('draws what the original reaches as a dashed line, and says it', async () => {
    await open(training());
    const line = view.page.locator('line.reference');
    expect(await line.count()).toBe(1);
    expect(await line.evaluate((drawn) => getComputedStyle(drawn).strokeDasharray)).not.toBe('none');
    expect(await view.page.locator('line.reference + .label').textContent()).toBe('original 98.12\u00a0%');
    expect(await view.page.getByRole('slider').nth(1).getAttribute('aria-label')).toContain(
      'The original reaches 98.12\u00a0%.',
    );
  });

  it('is steered with the keys, which stay on the buttons, and says what came of it', async () => {
    await open(training());
    const status = view.page.getByRole('status');
    expect(await status.textContent()).toBe('Training runs.');
    const pause = view.page.getByRole('button', { name: 'Pause: Waits behind the step that runs' });
    await pause.focus();
    await view.page.keyboard.press('Enter');
    expect((await view.posted()).at(-1)).toEqual({ type: 'action', action: 'pause' });
    await view.send(message(training({ phase: 'paused', line: 'Paused' })));
    expect(await status.textContent()).toBe('Training is paused at step 240 of 360.');
    await view.page.keyboard.press('Tab');
    await view.page.keyboard.press('Enter');
    expect((await view.posted()).at(-1)).toEqual({ type: 'action', action: 'stop' });
    // The button that was pressed is gone: the keys are on the one that is left.
    await view.send(message(training({ phase: 'stopping', line: 'Stopping after this step' })));
    expect(await status.textContent()).toBe('Stopping after this step');
    await view.page.keyboard.press('Enter');
    expect((await view.posted()).at(-1)).toEqual({ type: 'action', action: 'cancel' });
  });

  it('leaves out what nobody will know any more, and says what is not known yet', async () => {
    await open(training(EMPTY));
    expect(await view.page.locator('.facts').innerText()).toMatch(/Time left\s+not yet known/);
    await view.send(message(training({ phase: 'finished', line: 'Finished.', secondsLeft: null })));
    expect(await view.page.locator('.facts').innerText()).not.toMatch(/Time left|\u2013/);
  });

  it('reads a curve with the keys', async () => {
    await open(training());
    const chart = view.page.getByRole('slider').nth(1);
    await chart.focus();
    await view.page.keyboard.press('Home');
    expect(await chart.getAttribute('aria-valuetext')).toBe('step 40, 90.12\u00a0%');
    await view.page.keyboard.press('ArrowRight');
    expect(await view.page.locator('.read').nth(1).innerText()).toBe('step 80: 94.88\u00a0%');
  });

  it('is paused, goes on, is stopped and cancelled by its buttons', async () => {
    await open(training());
    expect(await buttons()).toEqual(['Pause', 'Stop and Keep Best', 'Cancel']);
    expect(await pressed('Pause')).toEqual({ type: 'action', action: 'pause' });
    expect(await pressed('Stop and Keep Best')).toEqual({ type: 'action', action: 'stop' });
    expect(await pressed('Cancel')).toEqual({ type: 'action', action: 'cancel' });
    await view.send(message(training({ phase: 'paused', line: 'Paused' })));
    expect(await pressed('Go On')).toEqual({ type: 'action', action: 'go-on' });
    expect(await pressed('digits.edgewise.yaml')).toEqual({ type: 'action', action: 'open-recipe' });
  });

  it('shows what there is before the first step, and offers to cancel', async () => {
    await open(training(EMPTY));
    expect(await view.page.locator('main').innerText()).toContain('Nothing yet.');
    expect(await buttons()).toEqual(['Cancel']);
    await view.picture('training-starting-dark');
  });

  it('says what went wrong, and offers to go on from the checkpoint', async () => {
    const line = 'The engine stopped unexpectedly (SIGKILL). Resume goes on behind step 240.';
    await open(training({ phase: 'failed', line }), { theme: 'light' });
    expect(await view.page.getByRole('alert').innerText()).toBe(line);
    expect(await pressed('Resume')).toEqual({ type: 'action', action: 'resume' });
    await view.picture('training-failed-light');
  });

  it('offers the report when it has finished', async () => {
    await open(training({ phase: 'finished', line: 'Finished after 360 steps.', step: 360, secondsLeft: null }));
    expect(await pressed('Open Report')).toEqual({ type: 'action', action: 'open-report' });
  });

  it('leaves with VS Code what a reload needs', async () => {
    await open(training());
    await view.page.waitForFunction(() => window.savedState !== null);
    expect(await view.savedState()).toMatchObject({
      state: { step: 240 },
      job: { recipe: '/models/digits.edgewise.yaml' },
    });
  });

  it('shows names of files as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    await open(training({ model: hostile, recipe: hostile, method: hostile, line: hostile }));
    expect(await view.page.locator('img').count()).toBe(0);
    expect(await view.page.locator('h1').innerText()).toContain(hostile);
  });

  describe.each(THEME_NAMES)('%s', (theme) => {
    it.each([400, 1000])('has nothing for axe to complain about, %i px wide', async (width) => {
      await open(training(), { theme, width, height: 1000 });
      expect(await view.accessibilityProblems()).toEqual([]);
      await view.picture(`training-${theme}-${width}`);
      await view.send(message(training({ phase: 'failed', line: 'The loss is no number any more.' })));
      expect(await view.accessibilityProblems()).toEqual([]);
      await view.send(message(training(EMPTY)));
      expect(await view.accessibilityProblems()).toEqual([]);
    });
  });
});
