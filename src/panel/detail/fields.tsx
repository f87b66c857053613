import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { TensorDetail } from '../../api/types';
import { explain } from '../glossary';
import type { Term } from '../glossary';
import { formatBytes, formatCount, formatShape } from '../sizes';

interface IField {
  readonly term: Term;
  readonly label: string;
  readonly value: string | null;
}

/** What is known of a tensor without its values, a line for each term. */
export function Fields(props: {
  tensor: TensorDetail;
  onShow: (tensorId: string) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { tensor, onShow, trans } = props;
  return (
    <dl className="jp-dlkit-Fields">
      {fieldsOf(tensor, trans)
        .filter(({ value }) => value !== null)
        .map(({ term, label, value }) => (
          <Line key={label} term={term} label={label} trans={trans}>
            {value}
          </Line>
        ))}
      {tensor.shared_with.length > 0 && (
        <Line term="view" label={trans.__('shared with')} trans={trans}>
          {tensor.shared_with.map(({ id, name }, i) => (
            <React.Fragment key={id}>
              {i > 0 && ', '}
              <button
                type="button"
                className="jp-dlkit-Link"
                onClick={() => onShow(id)}
              >
                {name}
              </button>
            </React.Fragment>
          ))}
        </Line>
      )}
    </dl>
  );
}

function Line(props: {
  term: Term;
  label: string;
  trans: TranslationBundle;
  children: React.ReactNode;
}): React.JSX.Element {
  return (
    <div className="jp-dlkit-Field">
      <dt title={explain(props.term, props.trans)}>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function fieldsOf(t: TensorDetail, trans: TranslationBundle): IField[] {
  const yes = (value: boolean | null): string | null =>
    value === null ? null : value ? trans.__('yes') : trans.__('no');
  const grad =
    t.grad === null
      ? t.requires_grad && t.is_leaf
        ? trans.__('none yet')
        : null
      : [
          t.grad.name,
          formatShape(t.grad.shape),
          formatBytes(t.grad.bytes)
        ].join(' ');
  const isAutograd = t.requires_grad !== null;
  return [
    { term: 'shape', label: trans.__('shape'), value: shapeText(t, trans) },
    { term: 'rank', label: trans.__('rank'), value: text(t.rank) },
    { term: 'dtype', label: trans.__('dtype'), value: t.dtype },
    { term: 'device', label: trans.__('device'), value: t.device },
    { term: 'bytes', label: trans.__('bytes'), value: bytesText(t, trans) },
    { term: 'owner', label: trans.__('owner'), value: ownerText(t, trans) },
    { term: 'type', label: trans.__('type'), value: t.type },
    {
      term: 'aliases',
      label: trans.__('aliases'),
      value: t.aliases.length === 0 ? null : t.aliases.join(', ')
    },
    { term: 'layout', label: trans.__('layout'), value: t.layout },
    {
      term: 'stride',
      label: trans.__('strides'),
      value: t.strides === null ? null : formatShape(t.strides)
    },
    {
      term: 'contiguous',
      label: trans.__('contiguous'),
      value: yes(t.is_contiguous)
    },
    { term: 'view', label: trans.__('view'), value: yes(t.is_view) },
    {
      term: 'storage',
      label: trans.__('storage'),
      value:
        t.storage === null
          ? null
          : storageText(t.storage.bytes, t.storage.shared_by, trans)
    },
    {
      term: 'storage_offset',
      label: trans.__('storage offset'),
      value: t.storage_offset ? formatCount(t.storage_offset) : null
    },
    {
      term: 'requires_grad',
      label: trans.__('requires grad'),
      value: yes(t.requires_grad)
    },
    {
      term: 'leaf',
      label: trans.__('leaf'),
      value: isAutograd ? yes(t.is_leaf) : null
    },
    { term: 'grad_fn', label: trans.__('grad_fn'), value: t.grad_fn },
    { term: 'grad', label: trans.__('gradient'), value: grad },
    {
      term: 'version',
      label: trans.__('version'),
      value: isAutograd ? text(t.version) : null
    }
  ];
}

function text(value: number | null): string | null {
  return value === null ? null : String(value);
}

function shapeText(t: TensorDetail, trans: TranslationBundle): string {
  const shape = formatShape(t.shape);
  return t.numel === null
    ? shape
    : `${shape} · ${trans._n('%2 element', '%2 elements', t.numel, formatCount(t.numel))}`;
}

function bytesText(t: TensorDetail, trans: TranslationBundle): string | null {
  if (t.bytes === null) {
    return null;
  }
  return t.element_bytes === null
    ? formatBytes(t.bytes)
    : trans.__(
        '%1 (%2 B each)',
        formatBytes(t.bytes),
        formatCount(t.element_bytes)
      );
}

function ownerText(t: TensorDetail, trans: TranslationBundle): string {
  return t.group === null ? t.owner : trans.__('%1 of %2', t.owner, t.group);
}

function storageText(
  bytes: number | null,
  sharedBy: number,
  trans: TranslationBundle
): string {
  const size = formatBytes(bytes);
  return sharedBy === 0
    ? trans.__('%1, its own', size)
    : trans._n(
        '%2, shared with %1 other',
        '%2, shared with %1 others',
        sharedBy,
        size
      );
}
