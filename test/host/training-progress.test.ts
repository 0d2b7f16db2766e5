import { describe, expect, it } from 'vitest';
import { TrainingProgress } from '../../src/host/training/training-progress';
import { MOST_POINTS } from '../../src/protocol/training';
import type { TrainingNews } from '../../src/protocol/engine-training';

const subject = { model: 'net.onnx', recipe: 'net.edgewise.yaml', method: 'Fine-tuning', epochs: 3 };

const stepped = (step: number): TrainingNews => ({
  ...{ kind: 'steps', step, steps: 3000, epoch: step / 1000, loss: 1 / step, rate: 1e-3, samplesPerSecond: 500 },
});

const accuracy = { name: 'accuracy', lowerIsBetter: false };

describe('what a training tab shows', () => {
  it('counts time left without the time that it was paused', () => {
    const progress = new TrainingProgress(subject);
    progress.take(stepped(1000), 0);
    progress.take(stepped(2000), 10_000);
    expect(progress.state.secondsLeft).toBe(10);
    progress.enter('paused', 'Paused', 10_000);
    progress.enter('running', 'Training', 70_000);
    progress.take(stepped(2500), 75_000);
    expect(progress.state.secondsLeft).toBe(5);
  });

  it('keeps no more points than can be seen, and the last of them', () => {
    const progress = new TrainingProgress(subject);
    for (let step = 1; step <= 3000; step++) progress.take(stepped(step), step);
    const { loss, rate } = progress.state.curves;
    expect(loss.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(loss.at(-1)?.[0]).toBe(3000);
    expect(rate.length).toBe(loss.length);
  });

  it('goes on behind a checkpoint, and forgets what came after it', () => {
    const progress = new TrainingProgress(subject);
    for (const step of [1, 2, 3, 4]) progress.take(stepped(step), step);
    progress.take({ kind: 'evaluation', step: 2, value: 0.9, best: true, figure: accuracy }, 5);
    progress.take({ kind: 'saved', step: 2 }, 5);
    progress.enter('failed', 'The engine stopped.', 6);
    progress.begin(subject);
    progress.take({ kind: 'resumed', step: 2 }, 7);
    progress.take(stepped(3), 8);
    expect(progress.state.curves.loss.map(([step]) => step)).toEqual([1, 2, 3]);
    expect(progress.state).toMatchObject({ phase: 'running', best: { step: 2, value: 0.9 }, savedStep: 2 });
  });

  it('shows a figure of which less is better as it is measured', () => {
    const progress = new TrainingProgress(subject);
    const figure = { name: 'character error rate', lowerIsBetter: true };
    progress.take({ kind: 'evaluation', step: 2, value: -0.25, best: true, figure }, 5);
    expect(progress.state.best).toEqual({ step: 2, value: 0.25 });
    expect(progress.state.curves.selection).toEqual([[2, 0.25]]);
  });
});
