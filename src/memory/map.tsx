import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatBytes, formatCount } from '../panel/sizes';
import { hasChildren, shortName } from './owners';
import type { IPart } from './owners';
import { squarify } from './squarify';
import type { IRect } from './squarify';
import { partName, partText, shareText } from './words';

const HEIGHT = 190;

/** Rectangles that are drawn; what is left of them is one. */
const MOST = 40;

/** Pixels from which on a rectangle has room for a name, and for its bytes. */
const NAMED = { width: 34, height: 15 };
const SIZED = { width: 46, height: 29 };

interface IProps {
  label: string;
  /** What is shown; of a part that was entered, what is in it. */
  parts: readonly IPart[];
  whole: number;
  chosen: string | null;
  onChoose: (key: string) => void;
  /** Goes into a part, or (null) out again. */
  onEnter: (part: IPart | null) => void;
  trans: TranslationBundle;
}

/**
 * Owners as areas.  Arrows go from the largest to the smallest, Enter goes into
 * one and Escape out; the tree says the same in words.
 */
export function OwnersMap(props: IProps): React.JSX.Element {
  const { parts, whole, chosen, onChoose, onEnter, trans } = props;
  const prefix = React.useId();
  const [ref, width] = useWidth();
  const shown = parts.filter(({ bytes }) => bytes > 0).slice(0, MOST);
  const rest = parts.slice(shown.length);
  const left = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  const sizes = shown.map(({ bytes }) => bytes);
  // What is left may be more than the smallest: it comes last all the same.
  const rects = squarify(left > 0 ? [...sizes, left] : sizes, {
    x: 0,
    y: 0,
    width,
    height: HEIGHT
  });
  const active = shown.findIndex(({ key }) => key === chosen);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const to = (i: number): void =>
      onChoose(shown[Math.max(0, Math.min(shown.length - 1, i))].key);
    const part = shown[active];
    switch (event.key) {
      case 'ArrowRight':
      case 'ArrowDown':
        to(active + 1);
        break;
      case 'ArrowLeft':
      case 'ArrowUp':
        to(active - 1);
        break;
      case 'Home':
        to(0);
        break;
      case 'End':
        to(shown.length - 1);
        break;
      case 'Enter':
        if (part !== undefined && hasChildren(part)) {
          onEnter(part);
        }
        break;
      case 'Escape':
      case 'Backspace':
        onEnter(null);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={ref}
      className="jp-dlkit-Map"
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant={active < 0 ? undefined : `${prefix}${active}`}
      style={{ height: HEIGHT }}
      onKeyDown={onKeyDown}
    >
      {shown.map((part, i) => (
        <div
          key={part.key}
          id={`${prefix}${i}`}
          role="option"
          aria-selected={i === active}
          aria-label={tileText(part, whole, trans)}
          title={tileText(part, whole, trans)}
          className="jp-dlkit-Map-tile"
          data-kind={part.kind}
          style={placed(rects[i])}
          onClick={() => onChoose(part.key)}
          onDoubleClick={() => hasChildren(part) && onEnter(part)}
        >
          {fits(rects[i], NAMED) && (
            <span className="jp-dlkit-Map-name">
              <bdi>
                {part.name === '' ? partName(part, trans) : shortName(part)}
              </bdi>
            </span>
          )}
          {fits(rects[i], SIZED) && (
            <span className="jp-dlkit-Map-bytes">
              {formatBytes(part.bytes)}
            </span>
          )}
        </div>
      ))}
      {left > 0 && (
        <div
          className="jp-dlkit-Map-tile"
          data-kind="rest"
          aria-hidden="true"
          title={trans.__(
            '%1 more: %2',
            formatCount(rest.length),
            formatBytes(left)
          )}
          style={placed(rects[shown.length])}
        />
      )}
    </div>
  );
}

function tileText(
  part: IPart,
  whole: number,
  trans: TranslationBundle
): string {
  const what = partText(part, trans);
  const size = `${formatBytes(part.bytes)}, ${shareText(part.bytes, whole)}`;
  const name = partName(part, trans);
  return what === '' ? `${name}: ${size}` : `${name}, ${what}: ${size}`;
}

function placed({ x, y, width, height }: IRect): React.CSSProperties {
  return { left: x, top: y, width, height };
}

function fits(rect: IRect, room: typeof NAMED): boolean {
  return rect.width >= room.width && rect.height >= room.height;
}

/** The width of an element, which follows its changes. */
export function useWidth(): [React.RefObject<HTMLDivElement>, number] {
  const ref = React.useRef<HTMLDivElement>(null);
  const [width, setWidth] = React.useState(0);
  React.useLayoutEffect(() => {
    const element = ref.current!;
    const look = (): void => setWidth(element.clientWidth);
    const resized = new ResizeObserver(look);
    resized.observe(element);
    look();
    return () => resized.disconnect();
  }, []);
  return [ref, width];
}
