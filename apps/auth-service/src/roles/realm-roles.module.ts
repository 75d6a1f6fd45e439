import { type DynamicModule, Global, Module, type ModuleMetadata } from '@nestjs/common';
import { NoRealmRoles, RealmRoles } from './realm-roles.js';

/** Who answers for `RealmRoles`: a factory and what it is given. */
export interface RealmRolesBinding {
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly inject: readonly (abstract new (...parts: never[]) => object)[];
  readonly useFactory: (...parts: never[]) => RealmRoles;
}

/**
 * Holds nothing but the binding of the port, so that `RolesModule` stays one module wherever it is imported and knows
 * nobody who answers. Imported once, by the composition root.
 */
@Global()
@Module({})
export class RealmRolesModule {
  static with(binding: RealmRolesBinding = { inject: [], useFactory: () => new NoRealmRoles() }): DynamicModule {
    return {
      module: RealmRolesModule,
      imports: binding.imports ?? [],
      providers: [{ provide: RealmRoles, inject: [...binding.inject], useFactory: binding.useFactory }],
      exports: [RealmRoles],
    };
  }
}
