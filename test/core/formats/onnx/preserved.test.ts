import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/core/formats';
import { writeOnnx } from '../../../../src/core/formats/onnx/write';
import type { Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { scratchFolder } from '../scratch';
import { decodePlain, encodePlain, floatTensor, linearModel, tensorType, TYPE, type PlainMessage } from './plain-onnx';

const scratch = scratchFolder();

/** A field that no version of ONNX has yet: bytes that a later exporter may write. */
const future = Buffer.from('from the future').toString('base64');

async function rewritten(plain: PlainMessage, change: (model: Model) => Model): Promise<PlainMessage> {
  const model = await readModel(scratch.write('before.onnx', encodePlain(plain)));
  const target = scratch.path('after.onnx');
  await writeOnnx(change(model), target, { context: quietContext(), overwrite: true });
  return decodePlain(readFileSync(target));
}

const sameButNew = (model: Model): Model => ({ ...model, graph: { ...model.graph, nodes: [...model.graph.nodes] } });

/** Renames the first node: the smallest change that makes the writer encode it anew. */
const renameNode = (model: Model): Model => {
  const [first, ...others] = model.graph.nodes;
  if (first === undefined) throw new Error('no node');
  return { ...model, graph: { ...model.graph, nodes: [{ ...first, name: 'renamed' }, ...others] } };
};

describe('what the reader does not understand', () => {
  it('survives in a model whose graph changed', async () => {
    const plain = linearModel({
      domain: 'org.example',
      modelVersion: '7',
      docString: 'notes',
      metadataProps: [{ key: 'classes', value: 'cat,dog' }],
      configuration: [{ name: 'two devices', numDevices: 2 }],
      trainingInfo: [{ initialization: { name: 'init', initializer: [floatTensor('seed', 700)] } }],
      future,
    });
    const { graph, ...rest } = await rewritten(plain, renameNode);
    const { graph: _, ...expected } = decodePlain(encodePlain(plain));
    expect(rest).toEqual(expected);
    expect(graph).toMatchObject({ node: [{ name: 'renamed' }] });
  });

  it('survives in a graph whose nodes changed', async () => {
    const extras = {
      docString: 'graph notes',
      quantizationAnnotation: [{ tensorName: 'image', quantParameterTensorNames: [{ key: 'SCALE', value: 's' }] }],
      metadataProps: [{ key: 'k', value: 'v' }],
      future,
    };
    const { graph } = await rewritten(linearModel({}, extras), renameNode);
    expect(graph).toMatchObject(extras);
  });

  it('survives in a node that changed', async () => {
    const node = {
      name: 'fc',
      opType: 'Gemm',
      input: ['image', 'weight', 'bias'],
      output: ['logits'],
      docString: 'node notes',
      overload: 'fast',
      metadataProps: [{ key: 'pkg.torch.onnx.name_scopes', value: "['', 'fc']" }],
      attribute: [
        { name: 'transB', type: 2, i: 0, docString: 'attribute notes' },
        { name: 'big', type: 2, i: '9223372036854775807' },
        { name: 'types', type: 13, tp: tensorType(TYPE.float, 1) },
      ],
      future,
    };
    const expected = decodePlain(encodePlain(linearModel({}, { node: [{ ...node, name: 'renamed' }] })));
    expect(await rewritten(linearModel({}, { node: [node] }), renameNode)).toEqual(expected);
  });

  it('survives in a weight and a value whose type changed', async () => {
    const weight = {
      ...floatTensor('weight', 32, 16),
      docString: 'weight notes',
      metadataProps: [{ key: 'a', value: 'b' }],
      future,
    };
    const valueInfo = [{ name: 'hidden', type: tensorType(TYPE.float, 3), docString: 'value notes' }];
    const { graph } = await rewritten(
      linearModel({}, { initializer: [weight, floatTensor('bias', 16)], valueInfo }),
      (model) => {
        const old = model.graph.weights.get('weight');
        if (old === undefined) throw new Error('no weight');
        const halved = {
          ...old,
          dtype: 'float16' as const,
          data: { kind: 'bytes' as const, bytes: new Uint8Array(1024) },
        };
        const weights = new Map(model.graph.weights).set('weight', halved);
        const values = new Map(model.graph.values).set('hidden', { dtype: 'float16' as const, shape: [3] });
        return { ...model, graph: { ...model.graph, weights, values } };
      },
    );
    expect(graph).toMatchObject({
      initializer: [
        {
          name: 'weight',
          dataType: TYPE.float16,
          docString: 'weight notes',
          metadataProps: [{ key: 'a', value: 'b' }],
          future,
        },
        { name: 'bias' },
      ],
      valueInfo: [{ name: 'hidden', docString: 'value notes', type: { tensorType: { elemType: TYPE.float16 } } }],
    });
  });

  it('survives in functions', async () => {
    const inner = {
      opType: 'Relu',
      input: ['x'],
      output: ['y'],
      attribute: [{ name: 'a', type: 1, refAttrName: 'slope' }],
    };
    const functions = [
      {
        name: 'Act',
        domain: 'org.example',
        input: ['x'],
        output: ['y'],
        attribute: ['slope'],
        attributeProto: [{ name: 'beta', type: 1, f: 0.5 }],
        node: [inner],
        opsetImport: [{ version: '17' }],
        docString: 'function notes',
        overload: 'v2',
      },
    ];
    const plain = linearModel({ functions });
    const after = await rewritten(plain, (model) => ({
      ...model,
      functions: model.functions.map((definition) => ({ ...definition, nodes: [...definition.nodes] })),
    }));
    expect(after['functions']).toEqual(decodePlain(encodePlain(plain))['functions']);
  });
});

describe('files of old exporters', () => {
  /** Before IR version 4 every initializer is listed among the inputs. */
  const old = linearModel(
    { irVersion: 3, opsetImport: [{ version: 7 }] },
    {
      input: [
        { name: 'weight', type: tensorType(TYPE.float, 32, 16) },
        { name: 'image', type: tensorType(TYPE.float, 1, 32) },
        { name: 'bias', type: tensorType(TYPE.float, 16) },
      ],
    },
  );

  it('show only what has to be fed as inputs', async () => {
    const model = await readModel(scratch.write('old.onnx', encodePlain(old)));
    expect(model.graph.inputs.map((input) => input.name)).toEqual(['image']);
  });

  it('keep their inputs where they were', async () => {
    expect(await rewritten(old, sameButNew)).toEqual(decodePlain(encodePlain(old)));
  });

  it('list new weights as inputs too, and no longer those that are gone', async () => {
    const { graph } = await rewritten(old, (model) => {
      const weights = new Map(model.graph.weights);
      weights.delete('bias');
      weights.set('scale', {
        name: 'scale',
        dtype: 'float32',
        shape: [1],
        data: { kind: 'bytes', bytes: new Uint8Array(4) },
      });
      return { ...model, graph: { ...model.graph, weights } };
    });
    expect(graph).toMatchObject({ input: [{ name: 'weight' }, { name: 'image' }, { name: 'scale' }] });
  });

  it('may leave out the types of attributes', async () => {
    const attribute = [
      { name: 'alpha', f: 0 },
      { name: 'axis', i: 0 },
      { name: 'perm', ints: [1, 0] },
      { name: 'mode', s: Buffer.from('edge') },
    ];
    const node = [{ opType: 'Old', input: ['image'], output: ['logits'], attribute }];
    const model = await readModel(scratch.write('untyped.onnx', encodePlain(linearModel({}, { node }))));
    expect([...(model.graph.nodes[0]?.attributes ?? [])]).toEqual([
      ['alpha', { kind: 'float', value: 0 }],
      ['axis', { kind: 'int', value: 0 }],
      ['perm', { kind: 'ints', value: [1, 0] }],
      ['mode', { kind: 'string', value: 'edge' }],
    ]);
  });

  it('may have initializers without a name, which stay in the file', async () => {
    const initializer = [floatTensor('weight', 32, 16), floatTensor('bias', 16), floatTensor('', 3)];
    const plain = linearModel({}, { initializer });
    expect(await rewritten(plain, sameButNew)).toEqual(decodePlain(encodePlain(plain)));
  });
});

it('keeps types that are no tensors: sequences, maps, optionals', async () => {
  const type = { sequenceType: { elemType: { mapType: { keyType: 7, valueType: tensorType(TYPE.float) } } } };
  const plain = linearModel({}, { output: [{ name: 'logits', type }] });
  expect(await rewritten(plain, sameButNew)).toEqual(decodePlain(encodePlain(plain)));
});

it('keeps numbers and names that a changed opset list is written with', async () => {
  const { opsetImport } = await rewritten(linearModel(), (model) => ({
    ...model,
    formatVersion: 'IR 10',
    opsets: new Map([
      ['', 21],
      ['com.microsoft', 1],
    ]),
  }));
  expect(opsetImport).toEqual([{ version: '21' }, { domain: 'com.microsoft', version: '1' }]);
});

it('changes weights inside subgraphs, and copies what is around them', async () => {
  const branch = (name: string): PlainMessage => ({
    name,
    node: [{ opType: 'Add', input: ['image', `${name}_w`], output: [`${name}_out`], docString: 'kept' }],
    initializer: [floatTensor(`${name}_w`, 600)],
    output: [{ name: `${name}_out` }],
  });
  const attribute = [
    { name: 'then_branch', type: 5, g: branch('then') },
    { name: 'else_branch', type: 5, g: branch('else') },
  ];
  const node = [{ opType: 'If', input: ['condition'], output: ['logits'], attribute }];
  const plain = linearModel({}, { node });
  const zeroed = await rewritten(plain, (model) => {
    const [choice] = model.graph.nodes;
    const graph = choice?.attributes.get('then_branch');
    if (choice === undefined || graph?.kind !== 'graph') throw new Error('no subgraph');
    const [[name, weight] = []] = graph.value.weights;
    if (name === undefined || weight === undefined) throw new Error('no weight');
    const zero = { ...weight, data: { kind: 'bytes' as const, bytes: new Uint8Array(2400) } };
    const value = { ...graph.value, weights: new Map([[name, zero]]) };
    const attributes = new Map(choice.attributes).set('then_branch', { kind: 'graph', value });
    return { ...model, graph: { ...model.graph, nodes: [{ ...choice, attributes }] } };
  });
  const expected = linearModel({}, { node: structuredClone(node) });
  const changed = { ...floatTensor('then_w', 600), rawData: new Uint8Array(2400) };
  const then = { ...branch('then'), initializer: [changed] };
  const [only] = node;
  const graph = {
    ...(linearModel({}, {})['graph'] as object),
    node: [{ ...only, attribute: [{ ...attribute[0], g: then }, attribute[1]] }],
  };
  expect(zeroed).toEqual(decodePlain(encodePlain({ ...expected, graph })));
});
