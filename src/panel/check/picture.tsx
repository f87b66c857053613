import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type {
  Check,
  CheckedDimension,
  CheckedOperand,
  CheckStep
} from '../../api/types';
import { formatShape } from '../sizes';
import { concerned } from './concerned';
import { partAloud, partOf, SIGNS, sizeOf } from './words';
import type { Part } from './words';

/** A size of an operand as it is drawn. */
interface ISize {
  readonly size: number | null;
  readonly part: Part;
  readonly aloud: string;
}

/**
 * The shapes below each other, aligned at the last dimension, as the rule reads
 * them: what is equal, what stretches, what is missing and what clashes.
 */
export function Picture(props: {
  check: Check | CheckStep;
  /** What an operand without a name is called. */
  nameOf: (index: number) => string;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { check, nameOf, trans } = props;
  const { operands, result, dimensions } = check;
  const tensors = operands.filter(({ shape }) => shape !== null);
  const ranks = tensors.map(({ shape }) => shape!.length);
  const width = Math.max(
    0,
    ...ranks,
    ...dimensions.map(({ position }) => -position),
    result?.shape.length ?? 0
  );
  if (tensors.length === 0 && dimensions.length === 0) {
    return null;
  }
  const columns = Array.from({ length: width }, (_, i) => i - width);
  const columnOf = new Map(dimensions.map(one => [one.position, one]));
  let tensor = -1;
  return (
    <div className="jp-dlkit-Picture">
      <table>
        <caption className="jp-dlkit-Aloud">
          {trans.__('The shapes, aligned at the last dimension')}
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="jp-dlkit-Aloud">{trans.__('operand')}</span>
            </th>
            {columns.map(position => (
              <th key={position} scope="col" title={trans.__('dimension')}>
                {minus(position)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {operands.map((operand, i) => {
            const isTensor = operand.shape !== null;
            tensor += isTensor ? 1 : 0;
            return (
              <tr key={i}>
                <Name operand={operand} name={operand.name ?? nameOf(i)} />
                {isTensor || dimensions.length > 0 ? (
                  columns.map(position => (
                    <Cell
                      key={position}
                      drawn={sizeAt(
                        check,
                        i,
                        tensor,
                        position,
                        columnOf.get(position),
                        trans
                      )}
                    />
                  ))
                ) : (
                  <td colSpan={Math.max(1, width)} />
                )}
              </tr>
            );
          })}
          {dimensions.length > 0 && (
            <tr data-signs>
              <th scope="row">
                <span className="jp-dlkit-Aloud">{trans.__('together')}</span>
              </th>
              {columns.map(position => (
                <Sign
                  key={position}
                  dimension={columnOf.get(position)}
                  trans={trans}
                />
              ))}
            </tr>
          )}
          {result !== null && (
            <tr data-result>
              <th scope="row">{trans.__('result')}</th>
              {columns.map(position => {
                const at = result.shape.length + position;
                return <td key={position}>{at < 0 ? '' : result.shape[at]}</td>;
              })}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** What an operand has in a column. */
function sizeAt(
  check: Check | CheckStep,
  index: number,
  tensor: number,
  position: number,
  dimension: CheckedDimension | undefined,
  trans: TranslationBundle
): ISize | null {
  const { shape } = check.operands[index];
  if (shape === null) {
    return null;
  }
  if (dimension !== undefined) {
    const size = dimension.sizes[tensor] ?? null;
    const to = sizeOf(dimension);
    const part = partOf(size, dimension, to);
    return { size, part, aloud: partAloud(size, part, to, trans) };
  }
  const size = shape[shape.length + position] ?? null;
  if (size === null) {
    return null;
  }
  // Not of the broadcasting kind: only what a problem is about is known.
  const isWrong = check.problems.some(problem =>
    concerned(check, problem).some(
      ([operand, at]) => operand === index && at === position
    )
  );
  const part: Part = isWrong ? 'clash' : 'plain';
  return { size, part, aloud: partAloud(size, part, null, trans) };
}

function Name(props: {
  operand: CheckedOperand;
  name: string;
}): React.JSX.Element {
  const { operand, name } = props;
  const { shape, dtype, device } = operand;
  const about = [
    name,
    shape === null ? null : formatShape(shape),
    dtype,
    device
  ].filter(word => word !== null);
  return (
    <th scope="row" title={about.join(' ')}>
      {name}
    </th>
  );
}

function Cell({ drawn }: { drawn: ISize | null }): React.JSX.Element {
  if (drawn === null) {
    return <td />;
  }
  const { size, part, aloud } = drawn;
  const sign = part === 'equal' ? '' : SIGNS[part];
  return (
    <td data-part={part}>
      <span aria-hidden="true">
        {size}
        {sign !== '' && <span className="jp-dlkit-Picture-sign">{sign}</span>}
      </span>
      <span className="jp-dlkit-Aloud">{aloud}</span>
    </td>
  );
}

/** The verdict on a column. */
function Sign(props: {
  dimension: CheckedDimension | undefined;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { dimension, trans } = props;
  if (dimension === undefined) {
    return <td />;
  }
  const { verdict } = dimension;
  const aloud: Record<typeof verdict, string> = {
    equal: trans.__('equal'),
    stretch: trans.__('stretches'),
    missing: trans.__('missing in one, stretches'),
    clash: trans.__('clashes')
  };
  // What is missing counts as a 1, and is stretched as such.
  const part = verdict === 'missing' ? 'stretch' : verdict;
  return (
    <td data-part={part} title={aloud[verdict]}>
      <span aria-hidden="true">{SIGNS[part]}</span>
      <span className="jp-dlkit-Aloud">{aloud[verdict]}</span>
    </td>
  );
}

/** With a real minus sign: a hyphen is hardly to be seen. */
function minus(position: number): string {
  return `−${-position}`;
}
