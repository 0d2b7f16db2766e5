import { defineActivation, defineDiagnostics } from './activation';
import { defineCompress } from './compress';
import { defineLenses } from './lenses';
import { defineModels } from './models';
import { defineRecipes } from './recipes';
import { defineTraining } from './training';

/** In this order: activation must be looked at before anything needs the extension. */
export function defineSuite(): void {
  defineActivation();
  defineModels();
  defineCompress();
  defineLenses();
  defineRecipes();
  defineTraining();
  defineDiagnostics();
}
