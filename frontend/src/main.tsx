/** Puts the page into the document. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { ErrorBoundary } from './app/ErrorBoundary';
import { must } from './lib/assert';
import { startTheme } from './lib/browser/theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/avatar.css';
import './styles/overlay/dialog.css';
import './styles/overlay/choices.css';
import './styles/overlay/states.css';
import './styles/overlay/popover.css';
import './styles/overlay/switcher.css';
import './styles/conversation/timeline.css';
import './styles/conversation/row.css';
import './styles/conversation/banner.css';
import './styles/conversation/message.css';
import './styles/landing.css';

startTheme();
// Opens without a server from the second visit on. While the page is written, it is always fresh.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  window.addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined));
}
createRoot(must(document.getElementById('root'), '#root')).render(
  <StrictMode>
    <ErrorBoundary>
      <App />
    </ErrorBoundary>
  </StrictMode>,
);
