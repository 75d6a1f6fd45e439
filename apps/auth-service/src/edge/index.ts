export { EdgeModule } from './edge.module.js';
export { ForwardAuth } from './forward-auth.js';
