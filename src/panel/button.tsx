import * as React from 'react';

/** A button with a border; `isMain`: what is most likely wanted. */
export function Button({
  isMain = false,
  ...rest
}: React.ButtonHTMLAttributes<HTMLButtonElement> & {
  isMain?: boolean;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className={`jp-dlkit-Button${isMain ? ' jp-mod-main' : ''}`}
      {...rest}
    />
  );
}
