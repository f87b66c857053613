import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ColumnId } from '../../model/settings';
import type { TensorsModel } from '../../model/tensors';
import { explain } from '../glossary';
import { useAtOnce } from '../signals';
import { fitting, LAYOUT, MOVE, template } from './columns';
import { moveOf } from './keyboard';
import { GroupRow, TensorRow } from './row';
import type { Picked } from './row';
import { ROW, useWindow } from './window';

interface IProps {
  model: TensorsModel;
  columns: readonly ColumnId[];
  /** Shows the detail of the selected tensor, and goes there. */
  onOpen: (andFocus: boolean) => void;
  /** Offers the devices to which the chosen lines can be moved. */
  onMove: (at: DOMRect) => void;
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
  onMove,
  trans
}: IProps): React.JSX.Element {
  const scrolled = React.useRef<HTMLDivElement>(null);
  const prefix = React.useId();
  const atOnce = useAtOnce();
  const { lines, levels, groups } = model.arrangement;
  const seen = useWindow(scrolled, lines.length + 1);
  const shown = fitting(columns, seen.width - MOVE);
  const { query, selected, selection } = model;
  const { active } = selection;
  const activeLine = React.useMemo(
    () => (active === null ? -1 : model.lineOf(active)),
    // The lines are of the model, and change with it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [active, lines, model]
  );

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

  const goTo = (line: number, how: 'pick' | 'extend' | 'go' = 'pick'): void => {
    model.choose(model.keyOf(line), how);
    reveal(line);
  };

  /** Keys that choose: Ctrl+A and Ctrl+Space. */
  const onChoosingKey = (event: React.KeyboardEvent): boolean => {
    if (event.altKey || !(event.ctrlKey || event.metaKey)) {
      return false;
    }
    if (event.key.toLowerCase() === 'a') {
      model.chooseAll();
      return true;
    }
    if (event.key === ' ' && activeLine >= 0) {
      model.choose(model.keyOf(activeLine), 'toggle');
      return true;
    }
    return false;
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== scrolled.current || lines.length === 0) {
      return;
    }
    if (onChoosingKey(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const item = activeLine < 0 ? 0 : lines[activeLine];
    const group = item < 0 ? groups[-1 - item].name : null;
    const page = Math.max(1, Math.floor(seen.height / ROW) - 2);
    const isCtrl = event.ctrlKey || event.metaKey;
    const move = moveOf(
      event.key,
      activeLine,
      lines.length,
      page,
      group === null ? null : model.isOpen(group)
    );
    if (move === null || event.altKey || (isCtrl && move.kind !== 'to')) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (move.kind === 'to') {
      goTo(move.line, event.shiftKey ? 'extend' : isCtrl ? 'go' : 'pick');
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

  /** The menu key speaks of the active line, not of the whole table. */
  const onContextMenu = (event: React.MouseEvent): void => {
    const row = document.getElementById(`${prefix}${activeLine}`);
    if (event.target === scrolled.current && event.button !== 2 && row) {
      event.preventDefault();
      event.stopPropagation();
      const { left, bottom } = row.getBoundingClientRect();
      row.dispatchEvent(
        new MouseEvent('contextmenu', {
          bubbles: true,
          cancelable: true,
          clientX: left + 24,
          clientY: bottom
        })
      );
    }
  };

  const pick = (line: number, how: Picked): void => {
    const key = model.keyOf(line);
    const item = lines[line];
    if (how === 'menu' || how === 'move') {
      // They speak of all that is chosen, when this line is among it.
      if (!selection.has(key)) {
        model.choose(key, 'pick');
      }
      return;
    }
    model.choose(key, how);
    if (how !== 'pick') {
      return;
    }
    if (item < 0) {
      const { name } = groups[-1 - item];
      model.setOpen(name, !model.isOpen(name));
    } else {
      onOpen(false);
    }
  };

  // A key that comes before the next frame is about the line that was clicked.
  const onPick = (line: number, how: Picked): void =>
    atOnce(() => pick(line, how));

  const drawn: React.JSX.Element[] = [];
  for (let line = seen.first; line < Math.min(seen.end, lines.length); line++) {
    const item = lines[line];
    const key = model.keyOf(line);
    const common = {
      line,
      domId: `${prefix}${line}`,
      columns: shown,
      isActive: line === activeLine,
      isSelected: selection.has(key),
      top: line * ROW,
      onPick,
      onMove,
      trans
    };
    drawn.push(
      item < 0 ? (
        <GroupRow
          key={key}
          {...common}
          group={groups[-1 - item]}
          isOpen={model.isOpen(groups[-1 - item].name)}
        />
      ) : (
        <TensorRow
          key={key}
          {...common}
          model={model}
          row={item}
          level={levels[line]}
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
      aria-multiselectable={true}
      aria-activedescendant={
        activeLine >= seen.first && activeLine < seen.end
          ? `${prefix}${activeLine}`
          : undefined
      }
      style={{ '--jp-dlkit-columns': template(shown) } as React.CSSProperties}
      // The next key finds the line that this one went to.
      onKeyDown={event => atOnce(() => onKeyDown(event))}
      onContextMenu={onContextMenu}
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
