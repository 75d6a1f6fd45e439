import type { components } from './auth-service.generated.js';

/** The shapes of auth-service's OpenAPI document by their names there, for whoever asks it over HTTP. Types alone: nothing of it runs. */
export type Schemas = components['schemas'];
