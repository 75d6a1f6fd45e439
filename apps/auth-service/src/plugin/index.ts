export { PluginModule } from './plugin.module.js';
export { ValidateRoute } from './validate.route.js';
