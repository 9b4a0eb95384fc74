/** Gives the client to the hooks. */
import { createContext, type ReactNode, useContext } from 'react';
import { must } from '../lib/assert';
import type { Client } from './client';

const ClientContext = createContext<Client | undefined>(undefined);

export function ClientProvider(props: { client: Client; children: ReactNode }) {
  return <ClientContext value={props.client}>{props.children}</ClientContext>;
}

export function useClient(): Client {
  return must(useContext(ClientContext), 'ClientProvider');
}
