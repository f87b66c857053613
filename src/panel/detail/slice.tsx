import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Slice } from '../../api/types';
import { formatNumber, formatShape } from '../sizes';

/** A number, boolean or word of a slice, or a list of them. */
type Nested = number | boolean | string | null | Nested[];

interface IProps {
  slice: Slice;
  trans: TranslationBundle;
}

/** Values as they stand in the tensor: a number, a row or a table of them. */
export function SliceView({ slice, trans }: IProps): React.JSX.Element {
  const values = slice.values as Nested;
  return (
    <figure className="jp-dlkit-Slice">
      <figcaption>
        <code>{slice.expression}</code> {formatShape(slice.shape)}
      </figcaption>
      <div
        className="jp-dlkit-Slice-values"
        tabIndex={0}
        role="region"
        aria-label={trans.__('Values of %1', slice.expression)}
      >
        {tables(values).map(({ at, rows }) => (
          <table key={at.join()} className="jp-dlkit-Values">
            {at.length > 0 && <caption>{`[${at.join(', ')}, :, :]`}</caption>}
            <tbody>
              {rows.map((row, i) => (
                <tr key={i}>
                  {row.map((value, j) => (
                    <td key={j}>{cell(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        ))}
        {isEmpty(values) && <p>{trans.__('There are no elements.')}</p>}
      </div>
      {slice.truncated && (
        <p className="jp-dlkit-Note">
          {trans.__('This is the beginning; type a slice to see elsewhere.')}
        </p>
      )}
    </figure>
  );
}

function cell(value: Nested): string {
  if (typeof value === 'number') {
    return formatNumber(value);
  }
  // As Python writes them.
  return value === true
    ? 'True'
    : value === false
      ? 'False'
      : value === null
        ? '–'
        : String(value);
}

function isEmpty(values: Nested): boolean {
  return Array.isArray(values) && values.every(isEmpty);
}

/** The matrices of nested lists, each with the index of its place. */
function tables(
  values: Nested,
  at: number[] = []
): { at: number[]; rows: Nested[][] }[] {
  if (!Array.isArray(values)) {
    return [{ at, rows: [[values]] }];
  }
  if (!Array.isArray(values[0])) {
    return values.length === 0 ? [] : [{ at, rows: [values] }];
  }
  if (!Array.isArray(values[0][0])) {
    return [{ at, rows: values as Nested[][] }];
  }
  return values.flatMap((inner, i) => tables(inner, [...at, i]));
}
