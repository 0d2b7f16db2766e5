/** Saves samples that a training script has anyway in the form that data sets are read from. */
export const PYTHON_SNIPPET = `# Saves samples of any DataLoader for Edgewise: arrays named like the model's inputs, and labels.
import numpy as np

images, labels = [], []
for batch, target in loader:  # your DataLoader, with the normalization that the model was trained with
    images.append(batch.numpy())
    labels.append(target.numpy())
    if sum(len(part) for part in labels) >= 2000:
        break
np.savez_compressed("samples.npz", image=np.concatenate(images), labels=np.concatenate(labels))
`;
