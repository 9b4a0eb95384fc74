/** The name that the page shows for itself. */
export const BRAND = 'ChatCluster';
