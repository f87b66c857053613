import { StateEffect, StateField } from '@codemirror/state';
import type { Extension, Text } from '@codemirror/state';
import { Decoration, EditorView, hoverTooltip } from '@codemirror/view';
import type { DecorationSet, Tooltip } from '@codemirror/view';
import { linesOf, rangeOf } from './position';
import type { IRange } from './position';
import type { IFinding } from './types';

/** A finding in an editor. */
export interface IMark extends IRange {
  readonly finding: IFinding;
  /** Id of the element that says it in words. */
  readonly describedBy: string;
}

/** Draws what is shown over the marks under the mouse. */
export type Draw = (marks: readonly IMark[]) => HTMLElement;

/** Where the findings are in the text that they were found in. */
export function marksOf(
  view: EditorView,
  findings: readonly IFinding[],
  idOf: (finding: IFinding) => string
): IMark[] {
  return findings.map(finding => ({
    ...rangeOf(view.state.doc, finding),
    finding,
    describedBy: idOf(finding)
  }));
}

/** Marks the findings in an editor, until its text changes. */
export function setMarks(
  view: EditorView,
  marks: readonly IMark[],
  draw: Draw
): void {
  const shown = setShown.of({
    marks,
    draw,
    decorations: decorate(view.state.doc, marks)
  });
  view.dispatch({
    effects:
      view.state.field(field, false) === undefined
        ? [StateEffect.appendConfig.of(extension), shown]
        : shown
  });
}

/** Takes all marks away. */
export function clearMarks(view: EditorView): void {
  if (view.state.field(field, false)?.marks.length) {
    view.dispatch({ effects: setShown.of(NOTHING) });
  }
}

interface IShown {
  readonly marks: readonly IMark[];
  readonly draw: Draw;
  readonly decorations: DecorationSet;
}

const NOTHING: IShown = {
  marks: [],
  draw: () => document.createElement('div'),
  decorations: Decoration.none
};

const setShown = StateEffect.define<IShown>();

/** Where the text has changed, nothing is known any more. */
const field = StateField.define<IShown>({
  create: () => NOTHING,
  update: (shown, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(setShown)) {
        return effect.value;
      }
    }
    return transaction.docChanged ? NOTHING : shown;
  },
  provide: self => EditorView.decorations.from(self, shown => shown.decorations)
});

const extension: Extension = [
  field,
  hoverTooltip((view, position) => tooltipAt(view, position), {
    hideOnChange: true
  })
];

function decorate(text: Text, marks: readonly IMark[]): DecorationSet {
  return Decoration.set(
    marks.flatMap(mark => {
      const { finding, describedBy } = mark;
      const decoration = Decoration.mark({
        class: `jp-dlkit-Mark jp-mod-${finding.severity}`,
        attributes: { role: 'mark', 'aria-describedby': describedBy }
      });
      return linesOf(text, mark).map(({ from, to }) =>
        decoration.range(from, to)
      );
    }),
    true
  );
}

function tooltipAt(view: EditorView, position: number): Tooltip | null {
  const { marks, draw } = view.state.field(field);
  const here = marks.filter(
    ({ from, to }) => from <= position && position < to
  );
  if (here.length === 0) {
    return null;
  }
  return {
    pos: Math.min(...here.map(({ from }) => from)),
    end: Math.max(...here.map(({ to }) => to)),
    above: true,
    create: () => ({ dom: draw(here) })
  };
}
