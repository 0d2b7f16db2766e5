export const HOW_TO_GET_A_BROWSER: string;
export const BROWSER_FLAGS: string[];
export function findBrowser(): string | null;
export function ensureBrowser(): string | null;
