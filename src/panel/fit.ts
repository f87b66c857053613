import type { ISignal } from '@lumino/signaling';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { AccordionPanel } from '@lumino/widgets';

/** Most of the height that Devices take, beside none, one, two … open below. */
const DEVICES = [0.45, 0.28, 0.18, 0.14];

/** What a section below the table takes when it is the only one. */
const ALONE: Readonly<Record<string, number>> = {
  detail: 0.38,
  shapes: 0.44,
  memory: 0.55,
  doctor: 0.55
};

/** What one, two, three … of them take together, and how they share it. */
const TOGETHER = [0, 1, 0.6, 0.7];
const WEIGHT: Readonly<Record<string, number>> = {
  detail: 2,
  shapes: 3,
  memory: 4,
  doctor: 3
};

/**
 * Divides the accordion: Devices as high as they need, the rest to Tensors and
 * to what is open below; until the user drags a border, from when on the user's word stands.
 */
export class Fit {
  /** @param grew says that the sections may have changed their heights. */
  constructor(
    private readonly _content: AccordionPanel,
    grew: ISignal<unknown, unknown>
  ) {
    _content.handleMoved.connect(() => {
      this._isByHand = true;
    });
    _content.expansionToggled.connect(() => this._later());
    grew.connect(() => this._later());
    this._resized = new ResizeObserver(() => {
      // What is below the accordion came or went, which nobody tells it.
      MessageLoop.postMessage(_content, Widget.ResizeMessage.UnknownSize);
      this._later();
    });
    this._resized.observe(_content.node);
  }

  dispose(): void {
    this._resized.disconnect();
    window.cancelAnimationFrame(this._frame);
  }

  /** Twice a frame later: the views render in the first one. */
  private _later(): void {
    if (this._frame === 0 && !this._isByHand) {
      this._frame = window.requestAnimationFrame(() => {
        this._frame = window.requestAnimationFrame(() => {
          this._frame = 0;
          this._divide();
        });
      });
    }
  }

  private _divide(): void {
    const [devices, tensors, ...below] = this._content.widgets;
    const all = this._content.widgets.reduce(
      (sum, widget) => sum + (widget.isHidden ? 0 : widget.node.offsetHeight),
      0
    );
    if (this._content.isDisposed || all < 50) {
      return;
    }
    const names = below.map(({ isHidden, node }) =>
      isHidden ? '' : (node.dataset.section ?? '')
    );
    const weights = names.map(name => WEIGHT[name] ?? 0);
    const open = names.filter(name => name !== '').length;
    const weight = weights.reduce((total, one) => total + one, 0);
    const least = tensors.isHidden && open === 0 ? 1 : 0;
    const first = devices.isHidden
      ? 0
      : Math.max(
          least,
          Math.min(at(DEVICES, open), (naturalHeight(devices) + 2) / all)
        );
    const shares = names.map((name, i) =>
      open === 1
        ? (ALONE[name] ?? 0)
        : (at(TOGETHER, open) * weights[i]) / Math.max(1, weight)
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    // Without the table they take its place.
    const factor = tensors.isHidden && sum > 0 ? (1 - first) / sum : 1;
    const last = shares.map(share => share * factor);
    const rest = tensors.isHidden ? 0 : Math.max(0, 1 - first - sum);
    const sizes = [first, rest, ...last];
    const key = sizes.map(size => Math.round(size * all)).join();
    if (key !== this._key) {
      this._key = key;
      this._content.setRelativeSizes(sizes);
    }
  }

  private _frame = 0;
  private _isByHand = false;
  private _key = '';
  private _resized: ResizeObserver;
}

/** The entry for so many; for more, the last. */
function at(entries: readonly number[], count: number): number {
  return entries[Math.min(count, entries.length - 1)];
}

/** What the content of a section would take. */
function naturalHeight(section: Widget): number {
  return Array.from(section.node.children).reduce(
    (sum, child) => sum + (child as HTMLElement).offsetHeight,
    0
  );
}
