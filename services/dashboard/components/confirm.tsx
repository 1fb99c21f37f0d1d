// SPDX-License-Identifier: GPL-2.0-or-later
import { useEffect, useRef, type ReactNode } from 'react';
import './confirm.css';

interface ConfirmProps {
  title: string;
  children: ReactNode;
  /** Label of the confirming button. */
  yes: string;
  onYes: () => void;
  onClose: () => void;
}

/** Asks for confirmation of an action that cannot be undone. Escape closes the dialog. */
export function Confirm({ title, children, yes, onYes, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <div className="dialog-body">
        <h2>{title}</h2>
        <div>{children}</div>
        <div className="row">
          <button type="button" className="primary" onClick={onYes}>
            {yes}
          </button>
          <button type="button" autoFocus onClick={() => dialog.current!.close()}>
            Back
          </button>
        </div>
      </div>
    </dialog>
  );
}
