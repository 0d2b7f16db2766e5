export function makeDigits(folder: string): Promise<void>;
