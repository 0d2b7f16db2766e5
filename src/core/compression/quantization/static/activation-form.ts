import type { Model } from '../../../model/model';
import type { ActivationType } from './activation-parameters';
import type { ActivationForm } from './qdq';

/** The operator set from which `QuantizeLinear` makes 16-bit codes. */
const OPSET_OF_16_BITS = 21;

/** ONNX Runtime's own operators, where they have been able to do so for longer. */
const MICROSOFT = 'com.microsoft';

/** Standard operators where the model's operator set has them for the type; otherwise ONNX Runtime's of that name. */
export function activationForm(model: Model, type: ActivationType): ActivationForm {
  const standard = type === 'uint8' || (model.opsets.get('') ?? 0) >= OPSET_OF_16_BITS;
  return { type, domain: standard ? '' : MICROSOFT };
}

/** The operator sets of a model that uses operators of the domain too. */
export function withDomain(opsets: Model['opsets'], domain: string): Model['opsets'] {
  return opsets.has(domain) ? opsets : new Map([...opsets, [domain, 1]]);
}
