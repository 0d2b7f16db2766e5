import { learningCommand } from './learn';

export const train = learningCommand({
  name: 'train',
  summary: 'train a model further, also in few bits',
  description:
    'Trains a model further on data, plainly, or with weights and activations of few bits, which it learns to live with. The original is never touched. Ctrl+C once stops and keeps the best; twice cancels, and the same command goes on later.',
  examples: `
Examples:
  Weights of 2 bits, which the network learns to live with
    $ edgewise train digits.onnx --train train.npz --test test.npz --scale 1/255 --epochs 3 --weights 2
  Integer arithmetic with 4 bits a weight
    $ edgewise train digits.onnx --data digits.npz --weights 4 --activations 8
  The last layer alone, for other pictures of the same classes
    $ edgewise train pets.onnx --data photos/ --size 224x224 --only last --lr 0.01 --optimizer sgd
  Until five evaluations were no better, on pictures that are changed each time
    $ edgewise train pets.onnx --data photos/ --epochs 100 --patience 5 --augment flip,shift=4,mixup=0.2
`,
});
