/** The engine process: everything that touches weights or ONNX Runtime. Forked by the extension host. */
import { watchParent } from './parent';
import { serve } from './server';

watchParent();
serve();
