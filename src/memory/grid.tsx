import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { useAtOnce } from '../panel/signals';
import { formatBytes } from '../panel/sizes';
import { moveOf } from '../panel/tensors/keyboard';
import { ROW, useWindow } from '../panel/tensors/window';
import { hasChildren, linesOf, shortName } from './owners';
import type { IPart } from './owners';
import { partName, partText, shareText } from './words';

/** Lines that are seen at most without scrolling. */
const TALLEST = 11;

interface IProps {
  label: string;
  parts: readonly IPart[];
  /** Bytes of which the shares are. */
  whole: number;
  /** Key of the chosen part. */
  chosen: string | null;
  onChoose: (key: string) => void;
  trans: TranslationBundle;
}

/** The owners as a tree, which is also the text of the map. */
export function OwnersGrid(props: IProps): React.JSX.Element {
  const { parts, whole, chosen, onChoose, trans } = props;
  const scrolled = React.useRef<HTMLDivElement>(null);
  const prefix = React.useId();
  const atOnce = useAtOnce();
  const open = React.useRef(new Set<string>()).current;
  const lines = linesOf(parts, key => open.has(key));
  const seen = useWindow(scrolled, lines.length + 1);
  const active = lines.findIndex(({ key }) => key === chosen);

  const goTo = (line: number): void => {
    onChoose(lines[line].key);
    const element = scrolled.current!;
    const top = line * ROW;
    // The header covers the height of a row.
    if (top < element.scrollTop) {
      element.scrollTop = top;
    } else if (top + 2 * ROW > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + 2 * ROW - element.clientHeight;
    }
  };
  const fold = (key: string, isOpen: boolean): void => {
    if (isOpen) {
      open.add(key);
    } else {
      open.delete(key);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const part = lines[Math.max(0, active)];
    if (
      part === undefined ||
      event.altKey ||
      event.ctrlKey ||
      event.metaKey ||
      event.target !== scrolled.current
    ) {
      return;
    }
    const move = moveOf(
      event.key,
      active,
      lines.length,
      Math.max(1, Math.floor(seen.height / ROW) - 2),
      hasChildren(part) ? open.has(part.key) : null
    );
    if (move === null) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (move.kind) {
      case 'to':
        goTo(move.line);
        break;
      case 'fold':
        fold(part.key, move.open);
        break;
      case 'enter':
        if (hasChildren(part)) {
          fold(part.key, !open.has(part.key));
        }
        break;
      case 'out': {
        const out = lines.findIndex(({ key }) => key === part.parent?.key);
        if (out >= 0) {
          goTo(out);
        }
      }
    }
  };

  return (
    <div
      ref={scrolled}
      className="jp-dlkit-Grid jp-dlkit-Owners"
      role="treegrid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={lines.length + 1}
      aria-activedescendant={
        active >= seen.first && active < seen.end
          ? `${prefix}${active}`
          : undefined
      }
      style={{ height: Math.min(TALLEST, lines.length + 1) * ROW }}
      onKeyDown={event => atOnce(() => onKeyDown(event))}
    >
      <div className="jp-dlkit-Row jp-mod-header" role="row" aria-rowindex={1}>
        <Cell isHeader column="name" text={trans.__('who')} />
        <Cell isHeader column="what" text={trans.__('what')} />
        <Cell isHeader column="bytes" text={trans.__('bytes')} />
        <Cell isHeader column="share" text={trans.__('share')} />
      </div>
      <div
        className="jp-dlkit-Grid-lines"
        role="rowgroup"
        style={{ height: lines.length * ROW }}
      >
        {lines.slice(seen.first, seen.end).map((part, i) => {
          const line = seen.first + i;
          const isParent = hasChildren(part);
          return (
            <div
              key={part.key}
              id={`${prefix}${line}`}
              role="row"
              className="jp-dlkit-Row"
              aria-level={part.level}
              aria-selected={line === active}
              aria-expanded={isParent ? open.has(part.key) : undefined}
              aria-rowindex={line + 2}
              data-active={line === active || undefined}
              style={
                {
                  top: line * ROW,
                  '--jp-dlkit-level': part.level - 1
                } as React.CSSProperties
              }
              onClick={() =>
                atOnce(() => {
                  if (isParent) {
                    fold(part.key, !open.has(part.key));
                  }
                  goTo(line);
                })
              }
            >
              <span
                role="gridcell"
                className="jp-dlkit-Cell"
                data-column="name"
                title={partName(part, trans)}
              >
                {isParent ? (
                  <span className="jp-dlkit-Caret" aria-hidden="true" />
                ) : (
                  <span className="jp-dlkit-NoCaret" />
                )}
                <span
                  className="jp-dlkit-Swatch"
                  data-kind={part.kind}
                  aria-hidden="true"
                />
                <span className="jp-dlkit-Cell-name">
                  <bdi>
                    {part.name === '' ? partName(part, trans) : shortName(part)}
                  </bdi>
                </span>
              </span>
              <Cell
                column="what"
                text={part.level === 1 ? partText(part, trans) : ''}
              />
              <Cell
                column="bytes"
                text={formatBytes(part.bytes)}
                title={trans.__('%1 bytes', part.bytes.toLocaleString())}
              />
              <Cell column="share" text={shareText(part.bytes, whole)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Cell(props: {
  column: 'name' | 'what' | 'bytes' | 'share';
  text: string;
  title?: string;
  isHeader?: boolean;
}): React.JSX.Element {
  const { column, text, title } = props;
  return (
    <span
      role={props.isHeader ? 'columnheader' : 'gridcell'}
      className="jp-dlkit-Cell"
      data-column={column}
      data-number={column === 'bytes' || column === 'share' || undefined}
      title={title ?? text}
    >
      {text}
    </span>
  );
}
