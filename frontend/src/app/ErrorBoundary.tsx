/** Shown instead of the page where a part of it did not load, or failed: unsent messages survive a reload. */
import { Component, type ReactNode } from 'react';
import { firstLocale, wordsOf } from '../lib/i18n';

type State = { readonly broken: boolean };

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { broken: false };

  static getDerivedStateFromError(): State {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const words = wordsOf(firstLocale());
    return (
      <main className="boot center" role="alert">
        <div className="empty">
          <h1>{words.problem.broken}</h1>
          <p>{words.problem.brokenText}</p>
          <button type="button" className="btn" onClick={() => location.reload()}>
            {words.problem.reload}
          </button>
        </div>
      </main>
    );
  }
}
