import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { CellMemory } from '../api/types';
import { formatBytes } from '../panel/sizes';
import type { Known } from './known';
import { useWidth } from './map';
import { PROCESS, timeline } from './timeline';
import type { ILane, ISpan } from './timeline';
import { cellLines } from './words';

/** Pixels of a lane, and of the line with the cells' numbers. */
const LANE = 54;
const NUMBERS = 16;

interface IProps {
  known: Known;
  trans: TranslationBundle;
}

/**
 * Memory of each device from cell to cell.  Arrows go through the cells; what
 * the chosen one did is told below.
 */
export function Plot({ known, trans }: IProps): React.JSX.Element {
  const [ref, width] = useWidth();
  const prefix = React.useId();
  const [chosen, setChosen] = React.useState<string | null>(null);
  const [hovered, setHovered] = React.useState<string | null>(null);
  const { cells, samples } = known;
  const running = known.account?.running ?? null;
  const plot = React.useMemo(
    () => timeline(cells, running, samples, width, LANE),
    [cells, running, samples, width]
  );
  const { spans, lanes } = plot;
  useEnd(ref, plot.width);
  const of = (key: string | null): number =>
    spans.findIndex(span => keyOf(span.cell) === key);
  const active = of(chosen);
  // What the mouse is on comes before what was chosen, and else the last one.
  const told = spans[of(hovered)] ?? spans[active] ?? spans[spans.length - 1];

  const goTo = (i: number): void => {
    const span = spans[Math.max(0, Math.min(spans.length - 1, i))];
    setChosen(keyOf(span.cell));
    const element = ref.current!;
    const { clientWidth, scrollLeft } = element;
    if (span.left < scrollLeft || span.right > scrollLeft + clientWidth) {
      element.scrollLeft = span.left - clientWidth / 2;
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || spans.length === 0) {
      return;
    }
    const last = spans.length - 1;
    const from = active < 0 ? last + 1 : active;
    const to = {
      ArrowLeft: from - 1,
      ArrowUp: from - 1,
      ArrowRight: from + 1,
      ArrowDown: from + 1,
      Home: 0,
      End: last
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      goTo(to);
    }
  };

  const height = lanes.length * (LANE + 6) + NUMBERS;
  return (
    <>
      <div className="jp-dlkit-Plot-frame">
        <div
          ref={ref}
          className="jp-dlkit-Plot"
          role="listbox"
          tabIndex={0}
          aria-orientation="horizontal"
          aria-label={trans.__('Cells, and what each did to memory')}
          aria-activedescendant={active < 0 ? undefined : `${prefix}${active}`}
          onKeyDown={onKeyDown}
          onMouseLeave={() => setHovered(null)}
        >
          <svg width={plot.width} height={height} role="none">
            {spans.map((span, i) => (
              <Cell
                key={keyOf(span.cell)}
                id={`${prefix}${i}`}
                span={span}
                height={height}
                isActive={i === active}
                onHover={() => setHovered(keyOf(span.cell))}
                onChoose={() => setChosen(keyOf(span.cell))}
                trans={trans}
              />
            ))}
            {lanes.map((lane, i) => (
              <Lane key={lane.device} lane={lane} top={i * (LANE + 6)} />
            ))}
          </svg>
        </div>
        {lanes.map((lane, i) => (
          <span
            key={lane.device}
            className="jp-dlkit-Plot-label"
            style={{ top: i * (LANE + 6) }}
          >
            {lane.device === PROCESS
              ? trans.__('RAM of the process, up to %1', formatBytes(lane.most))
              : trans.__('%1, up to %2', lane.device, formatBytes(lane.most))}
          </span>
        ))}
      </div>
      {told !== undefined && (
        <div className="jp-dlkit-Plot-told">
          {cellLines(told.cell, told.isRunning, trans).map((line, i) => (
            <p key={i} className={i === 0 ? '' : 'jp-dlkit-Change-text'}>
              {line}
            </p>
          ))}
        </div>
      )}
    </>
  );
}

function Cell(props: {
  id: string;
  span: ISpan;
  height: number;
  isActive: boolean;
  onHover: () => void;
  onChoose: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { id, span, height, isActive, trans } = props;
  const { cell, isRunning, left, right } = span;
  const label = cell.execution_count === null ? '' : `${cell.execution_count}`;
  const hasRoom = right - left >= 7 * label.length;
  return (
    <g
      id={id}
      role="option"
      aria-selected={isActive}
      aria-label={cellLines(cell, isRunning, trans).join(' ')}
      className="jp-dlkit-Plot-cell"
      data-state={isRunning ? 'running' : cell.state}
      onMouseEnter={props.onHover}
      onClick={props.onChoose}
    >
      {/* The gaps too belong to a cell, so that the mouse is always on one. */}
      <rect
        className="jp-dlkit-Plot-ground"
        x={left - 2}
        y={0}
        width={right - left + 4}
        height={height}
      />
      <rect x={left} y={0} width={right - left} height={height} />
      {hasRoom && (
        <text x={(left + right) / 2} y={height - 4}>
          {label}
        </text>
      )}
    </g>
  );
}

function Lane({ lane, top }: { lane: ILane; top: number }): React.JSX.Element {
  const { points, peaks } = lane;
  const path = points
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
  const [first, last] = [points[0], points[points.length - 1]];
  return (
    <g
      className="jp-dlkit-Plot-lane"
      aria-hidden="true"
      transform={`translate(0 ${top})`}
    >
      {points.length > 0 && (
        <path
          className="jp-dlkit-Plot-area"
          d={`${path}L${last[0].toFixed(1)} ${LANE}L${first[0].toFixed(1)} ${LANE}Z`}
        />
      )}
      <path className="jp-dlkit-Plot-line" d={path} />
      {peaks.map(({ left, right, y }, i) => (
        <path
          key={i}
          className="jp-dlkit-Plot-peak"
          d={`M${left.toFixed(1)} ${y.toFixed(1)}H${right.toFixed(1)}`}
        />
      ))}
    </g>
  );
}

/** Shows the newest cells, until somebody scrolls back. */
function useEnd(ref: React.RefObject<HTMLElement>, width: number): void {
  const before = React.useRef(0);
  React.useLayoutEffect(() => {
    const element = ref.current!;
    const wasAtEnd =
      element.scrollLeft + element.clientWidth >= before.current - 2;
    if (wasAtEnd) {
      element.scrollLeft = element.scrollWidth;
    }
    before.current = width;
  }, [ref, width]);
}

/** A running cell has the number that it will have when it has ended. */
function keyOf(cell: CellMemory): string {
  return `${cell.started_at} ${cell.execution_count}`;
}
