import { compressionChoices } from '../../core/analysis/compression-choices';
import type { ToModelEditor } from '../../protocol/model-editor';
import type { ModelDocument } from '../documents/model-document';

/** What a page that shows a model is told of a document's state; null while it is being read. */
export function modelMessageOf(document: ModelDocument): Extract<ToModelEditor, { type: 'model' | 'problem' }> | null {
  const { state, generation, name } = document;
  if (state === null) return null;
  if (state.kind === 'problem') return { type: 'problem', message: state.message };
  // No data is known of here; it decides what is recommended, not what a choice takes.
  const choices = compressionChoices(state.summary, { data: false }).map(({ id, title, estimatedBytes }) => ({
    id,
    title,
    estimatedBytes,
  }));
  return { type: 'model', generation, file: name, summary: state.summary, changes: [...state.changes], choices };
}
