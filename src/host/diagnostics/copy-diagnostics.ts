import { cpus, release } from 'node:os';
import * as vscode from 'vscode';
import type { Output } from './output';

/** What a bug report needs: versions, processor, settings, the last error's kind. Never weights, names or paths. */
export async function copyDiagnostics(context: vscode.ExtensionContext, output: Output): Promise<void> {
  await vscode.env.clipboard.writeText(diagnosticsText(context, output, await runtimeVersion(context.extensionUri)));
  void vscode.window.showInformationMessage('Edgewise: diagnostics are in the clipboard.');
}

function diagnosticsText(context: vscode.ExtensionContext, output: Output, runtime: string): string {
  const facts = {
    edgewise: versionOf(context),
    vscode: `${vscode.version} (${vscode.env.appHost}, ${vscode.env.remoteName ?? 'local'})`,
    node: process.version,
    'ONNX Runtime': runtime,
    platform: `${process.platform}-${process.arch} ${release()}`,
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} threads`,
    trusted: String(vscode.workspace.isTrusted),
    'last error': output.lastError ? `${output.lastError.kind} at ${output.lastError.when}` : 'none',
  };
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  return [...lines, ...settingsLines(context)].join('\n');
}

/** Settings that differ from their default; of texts only that they do, since they may hold paths. */
function settingsLines(context: vscode.ExtensionContext): string[] {
  const manifest = context.extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, { default?: unknown }> } };
  };
  return Object.entries(manifest.contributes.configuration.properties).map(([name, { default: usual }]) => {
    const value: unknown = vscode.workspace.getConfiguration().get(name);
    if (JSON.stringify(value) === JSON.stringify(usual)) return `${name}: default`;
    return `${name}: ${typeof value === 'string' ? 'set' : JSON.stringify(value)}`;
  });
}

export function versionOf(context: vscode.ExtensionContext): string {
  return (context.extension.packageJSON as { version: string }).version;
}

/** Read from the package: the library itself is never loaded into the editor's process. */
async function runtimeVersion(extensionUri: vscode.Uri): Promise<string> {
  const file = vscode.Uri.joinPath(extensionUri, 'node_modules', 'onnxruntime-node', 'package.json');
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    return (JSON.parse(text) as { version: string }).version;
  } catch {
    return 'not installed';
  }
}
