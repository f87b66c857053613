import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IGroupTotal } from '../../model/arrangement';
import type { ColumnId } from '../../model/settings';
import type { TensorsModel } from '../../model/tensors';
import { explain } from '../glossary';
import { formatBytes } from '../sizes';
import { groupText, LAYOUT, rowText } from './columns';

/** What a mouse does to a line. */
export type Picked = 'pick' | 'toggle' | 'extend' | 'menu' | 'move';

interface ILine {
  /** Place among all lines, from 0. */
  line: number;
  domId: string;
  columns: readonly ColumnId[];
  isActive: boolean;
  isSelected: boolean;
  top: number;
  onPick: (line: number, how: Picked) => void;
  onMove: (at: DOMRect) => void;
  trans: TranslationBundle;
}

interface IRowProps extends ILine {
  model: TensorsModel;
  row: number;
  level: number;
}

/** One tensor. */
export function TensorRow(props: IRowProps): React.JSX.Element {
  const { model, row, level, columns, trans } = props;
  const c = model.table.columns;
  return (
    <div
      {...lineAttributes(props, level)}
      data-dlkit-id={c.id[row]}
      draggable
      onDragStart={event => {
        event.dataTransfer.setData('text/plain', c.name[row]);
        event.dataTransfer.effectAllowed = 'copy';
      }}
    >
      {columns.map((column, i) => (
        <span
          key={column}
          role="gridcell"
          aria-colindex={i + 1}
          className="jp-dlkit-Cell"
          data-column={column}
          data-number={LAYOUT[column].isNumber || undefined}
          title={cellTitle(model, row, column, trans)}
        >
          {column === 'name' ? (
            <>
              <span className="jp-dlkit-Cell-name">
                <bdi>
                  {level === 2
                    ? withoutPrefix(
                        nameInGroup(c.name[row], c.aliases[row], c.group[row]),
                        c.group[row]
                      )
                    : c.name[row]}
                </bdi>
              </span>
              <Sharing model={model} row={row} trans={trans} />
            </>
          ) : (
            rowText(c, row, column)
          )}
          {i === columns.length - 1 && (
            <MoveButton {...props} name={c.name[row]} />
          )}
        </span>
      ))}
    </div>
  );
}

interface IGroupProps extends ILine {
  group: IGroupTotal;
  isOpen: boolean;
}

/** A module, optimizer or container, folded or open. */
export function GroupRow(props: IGroupProps): React.JSX.Element {
  const { group, isOpen, columns, trans } = props;
  const perDevice = Array.from(
    group.bytes,
    ([device, bytes]) => `${device}: ${formatBytes(bytes)}`
  ).join('\n');
  return (
    <div
      {...lineAttributes(props, 1)}
      data-group={group.kind}
      aria-expanded={isOpen}
    >
      {columns.map((column, i) => (
        <span
          key={column}
          role="gridcell"
          aria-colindex={i + 1}
          className="jp-dlkit-Cell"
          data-column={column}
          data-number={LAYOUT[column].isNumber || undefined}
          title={
            column === 'bytes' || column === 'device'
              ? `${perDevice}\n${trans.__('Each storage is counted once.')}`
              : column === 'name'
                ? `${group.name}\n${kindText(group, trans)}`
                : groupText(group, column, trans)
          }
        >
          {column === 'name' ? (
            <>
              <span className="jp-dlkit-Caret" aria-hidden="true" />
              <span className="jp-dlkit-Cell-name">{group.name}</span>
              <span className="jp-dlkit-Cell-type">{group.type}</span>
            </>
          ) : (
            groupText(group, column, trans)
          )}
          {i === columns.length - 1 && (
            <MoveButton {...props} name={group.name} />
          )}
        </span>
      ))}
    </div>
  );
}

/** *Move ▾* at the end of a line; from the keyboard the menu is a command. */
function MoveButton(props: ILine & { name: string }): React.JSX.Element {
  const { name, trans } = props;
  return (
    <button
      type="button"
      tabIndex={-1}
      className="jp-dlkit-Row-move"
      aria-haspopup="menu"
      aria-label={trans.__('Move %1 to another device', name)}
      title={trans.__('Move to another device')}
      // The table keeps the focus.
      onMouseDown={event => event.preventDefault()}
      onClick={event => {
        event.stopPropagation();
        props.onPick(props.line, 'move');
        props.onMove(event.currentTarget.getBoundingClientRect());
      }}
    />
  );
}

/**
 * The expression that goes through the group: `for p in model.parameters()` leaves
 * a `p` behind, which would be a riddle among the parameters of `model`.
 */
function nameInGroup(
  name: string,
  aliases: readonly string[],
  group: string | null
): string {
  return group === null || name.startsWith(group)
    ? name
    : (aliases.find(alias => alias.startsWith(group)) ?? name);
}

/** Says that a tensor is a view, or that others look at its storage. */
function Sharing(props: {
  model: TensorsModel;
  row: number;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { model, row, trans } = props;
  const c = model.table.columns;
  const isView = c.is_view[row] === true;
  const shared = c.storage.shared_by[row] ?? 0;
  if (!isView && shared === 0) {
    return null;
  }
  const text = isView ? trans.__('view') : trans.__('shared');
  return (
    <span
      className="jp-dlkit-Badge"
      title={sharingSentence(model, row, trans)}
      onMouseEnter={event => {
        // Looking for the others takes a pass over all rows: only when asked.
        event.currentTarget.title = sharingSentence(model, row, trans, true);
      }}
    >
      <span className="jp-dlkit-Badge-text">{text}</span>
    </span>
  );
}

function sharingSentence(
  model: TensorsModel,
  row: number,
  trans: TranslationBundle,
  byName = false
): string {
  const c = model.table.columns;
  const others = byName ? model.sharing(row).map(other => c.name[other]) : [];
  const names =
    others.length > 5
      ? `${others.slice(0, 5).join(', ')}, …`
      : others.join(', ');
  const sentence =
    names === '' ? '' : `\n${trans.__('Shares its storage with %1.', names)}`;
  return (
    explain(c.is_view[row] === true ? 'view' : 'storage', trans) + sentence
  );
}

function lineAttributes(
  { line, domId, isActive, isSelected, top, onPick }: ILine,
  level: number
): React.HTMLAttributes<HTMLDivElement> {
  return {
    id: domId,
    role: 'row',
    className: 'jp-dlkit-Row',
    'aria-level': level,
    'aria-selected': isSelected,
    // The header is row 1.
    'aria-rowindex': line + 2,
    style: { top },
    onMouseDown: event => {
      if (event.button === 2) {
        onPick(line, 'menu');
      } else if (event.shiftKey) {
        // It would select the text between.
        event.preventDefault();
        event.currentTarget
          .closest<HTMLElement>('[role="treegrid"]')
          ?.focus({ preventScroll: true });
      }
    },
    onClick: event =>
      onPick(
        line,
        event.shiftKey
          ? 'extend'
          : event.ctrlKey || event.metaKey
            ? 'toggle'
            : 'pick'
      ),
    ...({
      'data-active': isActive || undefined,
      'data-level': level
    } as object)
  };
}

function cellTitle(
  model: TensorsModel,
  row: number,
  column: ColumnId,
  trans: TranslationBundle
): string {
  const c = model.table.columns;
  if (column === 'name') {
    const also = c.aliases[row];
    return [
      c.name[row],
      `${c.type[row]}, ${c.owner[row]}`,
      ...(also.length > 0 ? [trans.__('Also: %1', also.join(', '))] : [])
    ].join('\n');
  }
  if (column === 'bytes') {
    const { storage, bytes } = c;
    return (storage.shared_by[row] ?? 0) > 0 ||
      storage.bytes[row] !== bytes[row]
      ? trans.__(
          '%1, in a storage of %2',
          formatBytes(bytes[row]),
          formatBytes(storage.bytes[row])
        )
      : trans.__('%1 bytes', (bytes[row] ?? 0).toLocaleString());
  }
  return rowText(c, row, column);
}

/** `.layers[0].weight` for a row inside `model`. */
function withoutPrefix(name: string, group: string | null): string {
  return group !== null && name.startsWith(group) && name !== group
    ? name.slice(group.length)
    : name;
}

function kindText(group: IGroupTotal, trans: TranslationBundle): string {
  switch (group.kind) {
    case 'module':
      return trans.__('Module of class %1', group.type);
    case 'optimizer':
      return trans.__('Optimizer of class %1', group.type);
    default:
      return trans.__('Container of class %1', group.type);
  }
}
