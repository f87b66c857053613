import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/**
 * Something that a person is asked, with its answers below.
 *
 * Escape leaves it.  When a person brought it up, the focus goes to it: to the
 * answer `data-primary`, once it can be given, or else to `data-other`.
 */
export function Card(props: {
  title: string;
  isBusy: boolean;
  focus: 'waits' | 'ready' | 'other';
  takesFocus: () => boolean;
  onEscape: () => void;
  footer: React.ReactNode;
  children: React.ReactNode;
}): React.JSX.Element {
  const { focus, takesFocus } = props;
  const card = React.useRef<HTMLElement>(null);
  const titleId = React.useId();
  const hasFocus = React.useRef(false);
  React.useEffect(() => {
    const element = card.current!;
    hasFocus.current ||= takesFocus();
    if (!hasFocus.current) {
      return;
    }
    const inside = element.contains(document.activeElement);
    const answer = element.querySelector<HTMLElement>(
      focus === 'ready' ? '[data-primary]' : '[data-primary], [data-other]'
    );
    if (focus === 'waits') {
      if (!inside) {
        element.focus();
      }
    } else if (!inside || document.activeElement === element) {
      answer?.focus();
    }
  }, [focus, takesFocus]);
  return (
    <section
      ref={card}
      className="jp-dlkit-Card"
      role="group"
      aria-labelledby={titleId}
      aria-busy={props.isBusy}
      tabIndex={-1}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          props.onEscape();
        }
      }}
    >
      <h3 id={titleId} className="jp-dlkit-Card-title">
        {props.title}
      </h3>
      <div className="jp-dlkit-Card-body">{props.children}</div>
      <div className="jp-dlkit-Card-footer">{props.footer}</div>
    </section>
  );
}

/** The cross that puts a line away. */
export function Dismiss(props: {
  label: string;
  onClick: () => void;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-dlkit-Tool"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <closeIcon.react tag="span" width="12px" height="12px" />
    </button>
  );
}
