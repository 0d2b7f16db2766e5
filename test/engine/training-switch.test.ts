import { describe, expect, it } from 'vitest';
import { TrainingSwitch } from '../../src/engine/training-switch';

/** Whether training may go on, by what has settled once everything that is due was done. */
async function mayGoOn(control: TrainingSwitch): Promise<boolean> {
  let ready = false;
  void control.ready().then(() => (ready = true));
  await new Promise((resolve) => setImmediate(resolve));
  return ready;
}

describe('the buttons of a training', () => {
  it('let it go on, unless it is paused', async () => {
    const control = new TrainingSwitch();
    expect(await mayGoOn(control)).toBe(true);
    control.pause();
    expect(await mayGoOn(control)).toBe(false);
    control.resume();
    expect(await mayGoOn(control)).toBe(true);
  });

  it('stop what is paused', async () => {
    const control = new TrainingSwitch();
    control.pause();
    const waiting = control.ready();
    control.stop();
    await waiting;
    expect(control.stopped).toBe(true);
  });

  it('cannot pause what stops', async () => {
    const control = new TrainingSwitch();
    control.stop();
    control.pause();
    expect(await mayGoOn(control)).toBe(true);
  });
});
