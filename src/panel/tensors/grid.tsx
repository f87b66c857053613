import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ColumnId } from '../../model/settings';
import type { TensorsModel } from '../../model/tensors';
import { explain } from '../glossary';
import { fitting, LAYOUT, template } from './columns';
import { moveOf } from './keyboard';
import { GroupRow, TensorRow } from './row';
import { ROW, useWindow } from './window';

interface IProps {
  model: TensorsModel;
  columns: readonly ColumnId[];
  /** Shows the detail of the selected tensor, and goes there. */
  onOpen: (andFocus: boolean) => void;
  trans: TranslationBundle;
}

/**
 * The tree-table.  Only the lines on the screen are in the document; the
 * keyboard's place is told by `aria-activedescendant`.
 */
export function Grid({
  model,
  columns,
  onOpen,
  trans
}: IProps): React.JSX.Element {
  const scrolled = React.useRef<HTMLDivElement>(null);
  const prefix = React.useId();
  // The keyboard is at a group, or else at the selected row.
  const [atGroup, setAtGroup] = React.useState<string | null>(null);
  const { lines, levels, groups } = model.arrangement;
  const seen = useWindow(scrolled, lines.length + 1);
  const shown = fitting(columns, seen.width);
  const { table, query, selected } = model;

  const keyOf = (line: number): string =>
    lines[line] < 0
      ? `g${groups[-1 - lines[line]].name}`
      : `r${table.columns.id[lines[line]]}`;
  const activeLine = React.useMemo(() => {
    if (atGroup !== null) {
      const group = groups.findIndex(({ name }) => name === atGroup);
      return group < 0 ? -1 : lines.indexOf(-1 - group);
    }
    const row = selected === null ? undefined : table.row(selected);
    return row === undefined ? -1 : lines.indexOf(row);
  }, [atGroup, selected, lines, groups, table]);

  const reveal = (line: number): void => {
    const element = scrolled.current!;
    const top = line * ROW;
    // The header covers the height of a row.
    if (top < element.scrollTop) {
      element.scrollTop = top;
    } else if (top + 2 * ROW > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + 2 * ROW - element.clientHeight;
    }
  };
  React.useEffect(() => {
    // Chosen elsewhere: by a command, or as one that shares a storage.
    setAtGroup(null);
    if (activeLine >= 0) {
      reveal(activeLine);
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);

  const height = React.useRef(seen.height);
  React.useEffect(() => {
    // Detail opens below the table: the row that opened it stays in sight.
    const below = activeLine * ROW - scrolled.current!.scrollTop;
    if (activeLine >= 0 && below >= 0 && below < height.current) {
      reveal(activeLine);
    }
    height.current = seen.height;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [seen.height]);

  const { sort, descending, text, device } = query;
  React.useEffect(() => {
    // Another question: its first answers are at the top.
    scrolled.current!.scrollTop = 0;
  }, [sort, descending, text, device]);

  const goTo = (line: number): void => {
    const item = lines[line];
    if (item < 0) {
      setAtGroup(groups[-1 - item].name);
    } else {
      setAtGroup(null);
      model.select(table.columns.id[item]);
    }
    reveal(line);
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || lines.length === 0) {
      return;
    }
    const item = activeLine < 0 ? 0 : lines[activeLine];
    const group = item < 0 ? groups[-1 - item].name : null;
    const page = Math.max(1, Math.floor(seen.height / ROW) - 2);
    const move = moveOf(
      event.key,
      activeLine,
      lines.length,
      page,
      group === null ? null : model.isOpen(group)
    );
    if (move === null) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (move.kind === 'to') {
      goTo(move.line);
    } else if (move.kind === 'fold') {
      model.setOpen(group!, move.open);
    } else if (move.kind === 'out') {
      let line = activeLine;
      while (line > 0 && levels[line] === 2) {
        line--;
      }
      if (line >= 0) {
        goTo(line);
      }
    } else if (group !== null) {
      model.setOpen(group, !model.isOpen(group));
    } else if (activeLine >= 0) {
      onOpen(true);
    }
  };

  const drawn: React.JSX.Element[] = [];
  for (let line = seen.first; line < Math.min(seen.end, lines.length); line++) {
    const item = lines[line];
    const common = {
      key: keyOf(line),
      line,
      domId: `${prefix}${line}`,
      columns: shown,
      isActive: line === activeLine,
      top: line * ROW,
      trans
    };
    drawn.push(
      item < 0 ? (
        <GroupRow
          {...common}
          isSelected={false}
          group={groups[-1 - item]}
          isOpen={model.isOpen(groups[-1 - item].name)}
          onFold={(name, open) => model.setOpen(name, open)}
          onActivate={() => setAtGroup(groups[-1 - item].name)}
        />
      ) : (
        <TensorRow
          {...common}
          isSelected={table.columns.id[item] === selected}
          model={model}
          row={item}
          level={levels[line]}
          onPick={(row, andOpen) => {
            setAtGroup(null);
            model.select(table.columns.id[row]);
            if (andOpen) {
              onOpen(false);
            }
          }}
        />
      )
    );
  }

  return (
    <div
      ref={scrolled}
      className="jp-dlkit-Grid"
      role="treegrid"
      tabIndex={0}
      aria-label={trans.__('Tensors')}
      aria-rowcount={lines.length + 1}
      aria-colcount={shown.length}
      aria-activedescendant={
        activeLine >= seen.first && activeLine < seen.end
          ? `${prefix}${activeLine}`
          : undefined
      }
      style={{ '--jp-dlkit-columns': template(shown) } as React.CSSProperties}
      onKeyDown={onKeyDown}
    >
      <div className="jp-dlkit-Row jp-mod-header" role="row" aria-rowindex={1}>
        {shown.map((column, i) => (
          <HeaderCell
            key={column}
            column={column}
            index={i + 1}
            direction={
              query.sort !== column
                ? 'none'
                : query.descending
                  ? 'descending'
                  : 'ascending'
            }
            onSort={() => model.toggleSort(column)}
            trans={trans}
          />
        ))}
      </div>
      <div
        className="jp-dlkit-Grid-lines"
        role="rowgroup"
        style={{ height: lines.length * ROW }}
      >
        {drawn}
      </div>
    </div>
  );
}

function HeaderCell(props: {
  column: ColumnId;
  index: number;
  direction: 'none' | 'ascending' | 'descending';
  onSort: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { column, direction, trans } = props;
  return (
    <span
      role="columnheader"
      aria-colindex={props.index}
      aria-sort={direction}
      className="jp-dlkit-Cell"
      data-column={column}
      data-number={LAYOUT[column].isNumber || undefined}
    >
      <button
        type="button"
        className="jp-dlkit-Sort"
        title={`${explain(column, trans)}\n${trans.__('Click to sort.')}`}
        onClick={props.onSort}
      >
        {columnTitle(column, trans)}
        <span
          className="jp-dlkit-Sort-mark"
          data-direction={direction}
          aria-hidden="true"
        />
      </button>
    </span>
  );
}

function columnTitle(column: ColumnId, trans: TranslationBundle): string {
  const titles: Record<ColumnId, string> = {
    name: trans.__('name'),
    shape: trans.__('shape'),
    rank: trans.__('rank'),
    dtype: trans.__('dtype'),
    device: trans.__('device'),
    bytes: trans.__('bytes'),
    owner: trans.__('owner'),
    type: trans.__('type')
  };
  return titles[column];
}
