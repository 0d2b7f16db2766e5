import '@vscode/codicons/dist/codicon.css';
import '../shared/theme.css';
import '../shared/rows.css';
import './layers.css';
import { toLayersView, type FromLayersView, type ToLayersView } from '../../src/protocol/layers-view';
import '../shared/controls';
import { connect } from '../shared/host';
import { LayersPage } from './layers-page';
import { pageStateSchema, type PageState } from './page-state';

const page = new LayersPage();
page.connect(connect<ToLayersView, FromLayersView, PageState>(toLayersView, pageStateSchema));
document.body.append(page);
