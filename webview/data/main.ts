import * as z from 'zod';
import '../shared/theme.css';
import '../shared/gallery.css';
import './data.css';
import { toDataPreview, type FromDataPreview, type ToDataPreview } from '../../src/protocol/data-preview';
import '../shared/controls';
import { connect } from '../shared/host';
import { DataPage } from './data-page';

const page = new DataPage();
const host = connect<ToDataPreview, FromDataPreview, null>(toDataPreview, z.null());
page.use((action) => host.post({ type: 'action', action }));
host.receive((message) => page.show(message));
document.body.append(page);
void page.updateComplete.then(() => host.post({ type: 'ready' }));
