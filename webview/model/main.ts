import '@vscode/codicons/dist/codicon.css';
import '../shared/theme.css';
import '../shared/sort.css';
import '../shared/rows.css';
import './model.css';
import { toModelEditor, type FromModelEditor, type ToModelEditor } from '../../src/protocol/model-editor';
import '../shared/controls';
import { connect } from '../shared/host';
import { ModelPage } from './model-page';
import { pageStateSchema, type PageState } from './page-state';

const page = new ModelPage();
page.connect(connect<ToModelEditor, FromModelEditor, PageState>(toModelEditor, pageStateSchema));
document.body.append(page);
