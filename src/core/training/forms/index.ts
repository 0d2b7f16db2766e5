export { AskedForms, fixedForms, type AskedQuestion, type FormChoice, type FormRecord } from './record';
export { timeForms, type FormTiming } from './timed-forms';
