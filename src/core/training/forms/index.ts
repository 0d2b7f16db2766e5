export { inFastestForms } from './fastest-forms';
export { formFile, formRecordSchema, type FormStore } from './form-store';
export { AskedForms, fixedForms, type AskedQuestion, type FormChoice, type FormRecord, withForms } from './record';
export { timeForms, type FormTiming } from './timed-forms';
