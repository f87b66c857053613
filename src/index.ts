import { cellCheckPlugin } from './cellcheck/plugin';
import { commandsPlugin } from './commands/plugin';
import { idlePlugin } from './doctor/idle/plugin';
import { doctorPlugin } from './doctor/plugin';
import { explainPlugin } from './explain/plugin';
import { memoryPlugin } from './memory/plugin';
import { modelPlugin } from './model/plugin';
import { panelPlugin } from './panel/plugin';
import { statusBarPlugin } from './statusbar/plugin';

export { ILiveModel } from './model/tokens';

export default [
  modelPlugin,
  panelPlugin,
  commandsPlugin,
  statusBarPlugin,
  cellCheckPlugin,
  memoryPlugin,
  doctorPlugin,
  idlePlugin,
  explainPlugin
];
