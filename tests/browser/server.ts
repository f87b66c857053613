import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');
const TOKEN = 'a-token-of-the-browser-tests';

/**
 * A real Jupyter server with JupyterLab and Notebook, in folders of its own,
 * with the extension as it is built in this tree.
 */
export class Server {
  /** @param environment more variables for the server's process. */
  constructor(private readonly _environment: Record<string, string> = {}) {
    const built = path.join(ROOT, 'jupyter_dlkit', 'labextension');
    if (!existsSync(path.join(built, 'package.json'))) {
      throw new Error('The panel is not built: run `jlpm build:prod` first.');
    }
    for (const folder of ['config', 'data', 'runtime', 'work']) {
      mkdirSync(path.join(this._home, folder));
    }
    const extensions = path.join(this._home, 'data', 'labextensions');
    mkdirSync(extensions);
    symlinkSync(built, path.join(extensions, 'jupyter-dlkit'));
    // The question about news would lie over the panel.
    const settings = path.join(
      this._home,
      'config/lab/user-settings/@jupyterlab/apputils-extension'
    );
    mkdirSync(settings, { recursive: true });
    writeFileSync(
      path.join(settings, 'notification.jupyterlab-settings'),
      JSON.stringify({ fetchNews: 'false' })
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this._port}/`;
  }

  /** The address of a page, with the token. */
  page(name: string): string {
    return `${this.url}${name}${name.includes('?') ? '&' : '?'}token=${TOKEN}`;
  }

  /** Starts, or starts again on the same port, and waits until it answers. */
  async start(): Promise<void> {
    this._port ||= await freePort();
    const home = (folder: string): string => path.join(this._home, folder);
    const log = createWriteStream(home('server.log'), { flags: 'a' });
    this._process = spawn(
      process.env.DLKIT_PYTHON ?? 'python',
      [
        '-m',
        'jupyter',
        'lab',
        '--no-browser',
        '--allow-root',
        '--expose-app-in-browser',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${this._port}`,
        '--ServerApp.port_retries=0',
        `--ServerApp.root_dir=${home('work')}`,
        `--IdentityProvider.token=${TOKEN}`,
        `--ServerApp.jpserver_extensions={"jupyter_dlkit":True,"notebook":True}`,
        '--JupyterNotebookApp.expose_app_in_browser=True',
        '--LabApp.news_url=None',
        '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate'
      ],
      {
        cwd: ROOT,
        env: {
          ...process.env,
          PYTHONPATH: ROOT,
          JUPYTER_CONFIG_DIR: home('config'),
          JUPYTER_DATA_DIR: home('data'),
          JUPYTER_RUNTIME_DIR: home('runtime'),
          JUPYTER_PREFER_ENV_PATH: '0',
          IPYTHONDIR: home('config'),
          ...this._environment
        },
        stdio: ['ignore', 'pipe', 'pipe']
      }
    );
    this._process.stdout?.pipe(log);
    this._process.stderr?.pipe(log);
    await this._answers();
  }

  /** Ends the server, its kernels with it, as an administrator would. */
  async stop(): Promise<void> {
    const ending = this._process;
    this._process = null;
    if (ending !== null && ending.exitCode === null) {
      const ended = new Promise(resolve => ending.once('exit', resolve));
      ending.kill('SIGTERM');
      await ended;
    }
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this._home, { recursive: true, force: true });
  }

  /** Writes a notebook with these cells. */
  notebook(name: string, ...cells: string[]): void {
    const document = {
      cells: cells.map((source, i) => ({
        cell_type: 'code',
        execution_count: null,
        id: `cell-${i}`,
        metadata: {},
        outputs: [],
        source
      })),
      metadata: {
        kernelspec: {
          display_name: 'Python 3 (ipykernel)',
          language: 'python',
          name: 'python3'
        }
      },
      nbformat: 4,
      nbformat_minor: 5
    };
    this.file(name, JSON.stringify(document));
  }

  /** Writes a file into the folder in which the kernels run. */
  file(name: string, text: string): void {
    writeFileSync(path.join(this._home, 'work', name), text);
  }

  private async _answers(): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const answer = await fetch(this.page('api/status')).catch(() => null);
      if (answer?.ok) {
        return;
      }
      if (Date.now() > deadline || ended(this._process)) {
        throw new Error(
          `The server did not start; see ${path.join(this._home, 'server.log')}`
        );
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }

  private _home = mkdtempSync(path.join(tmpdir(), 'dlkit-browser-'));
  private _port = 0;
  private _process: ChildProcess | null = null;
}

function ended(process: ChildProcess | null): boolean {
  return process === null || process.exitCode !== null;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise(resolve => probe.close(resolve));
  return port;
}
