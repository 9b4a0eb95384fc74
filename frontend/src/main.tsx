/** Puts the page into the document. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { Unbroken } from './app/Broken';
import { must } from './lib/assert';
import { startTheme } from './lib/theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/avatar.css';
import './styles/overlay.css';
import './styles/conversation.css';
import './styles/message.css';
import './styles/landing.css';

startTheme();
// Opens without a server from the second visit on. While the page is written, it is always fresh.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  window.addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined));
}
createRoot(must(document.getElementById('root'), '#root')).render(
  <StrictMode>
    <Unbroken>
      <App />
    </Unbroken>
  </StrictMode>,
);
