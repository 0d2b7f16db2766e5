import '../shared/theme.css';
import '../shared/gallery.css';
import './training.css';
import {
  toTrainingTab,
  trainingPageStateSchema,
  type FromTrainingTab,
  type ToTrainingTab,
  type TrainingPageState,
} from '../../src/protocol/training';
import '../shared/controls';
import { connect } from '../shared/host';
import { TrainingPage } from './training-page';

/** While training runs, what a reload would need is kept this often. */
const KEEP_EVERY_MS = 1000;

const page = new TrainingPage();
const host = connect<ToTrainingTab, FromTrainingTab, TrainingPageState>(toTrainingTab, trainingPageStateSchema);
let current: TrainingPageState | null = null;
let keptAt = -Infinity;

page.use((action) => host.post({ type: 'action', action }));
host.receive(({ state, job }) => {
  const isNewPhase = state.phase !== current?.state.phase;
  const next = { state, job };
  current = next;
  page.show(state);
  const now = performance.now();
  if (!isNewPhase && now - keptAt < KEEP_EVERY_MS) return;
  keptAt = now;
  host.save(() => current ?? next);
});
document.body.append(page);
void page.updateComplete.then(() => host.post({ type: 'ready' }));
